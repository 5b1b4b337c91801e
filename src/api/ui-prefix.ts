/** Under which prefix a browser sees the UI. Source: Thanos pkg/ui (GetWebPrefix, SanitizePrefix). */
import { posix } from 'node:path';

export interface PrefixSettings {
  /** Of `--web.external-prefix`; wins over the header. */
  readonly externalPrefix: string;
  /** Of `--web.prefix-header`; empty for none. */
  readonly prefixHeader: string;
}

/** Empty, or begins with a slash and ends without; safe to stand in an address. */
export function webPrefix(
  { externalPrefix, prefixHeader }: PrefixSettings,
  headers: Readonly<Record<string, string | undefined>>,
): string {
  const given = prefixHeader === '' ? '' : (headers[prefixHeader.toLowerCase()] ?? '');
  return sanitizePrefix(externalPrefix === '' ? given : externalPrefix);
}

/**
 * The path of an address or path, without doubled and climbing parts. Scheme and host are dropped, so that a header
 * cannot lead a browser to another server.
 */
export function sanitizePrefix(given: string): string {
  const withoutHost = given
    .replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/?#]*/i, '')
    .replace(/[?#].*$/s, '');
  const path = posix.normalize(`/${decoded(withoutHost)}`).replace(/\/+$/, '');
  return encodeURI(path).replaceAll("'", '%27');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return ''; // as for anything else that is no address
  }
}
