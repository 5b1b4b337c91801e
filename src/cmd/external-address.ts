/** Under which address clients see a server, and what stands before its routes. Source: Prometheus cmd/prometheus. */
import { hostname } from 'node:os';
import { usageError } from './options.ts';

export interface ExternalAddress {
  /** Without a slash at its end. */
  readonly url: string;
  /** Put before every route; empty for none. */
  readonly routePrefix: string;
}

export interface AddressValues {
  readonly externalUrl: string;
  readonly routePrefix: string | undefined;
  readonly listenAddresses: readonly string[];
}

/** Throws OperationError 'bad-data' for a URL that is none. */
export function externalAddress(values: AddressValues): ExternalAddress {
  const port = /:(\d+)$/.exec(values.listenAddresses[0] ?? '')?.[1] ?? '9090';
  const given = values.externalUrl;
  if (/^["']|["']$/.test(given)) {
    throw usageError(`--web.external-url=${given} must not begin or end with quotes`);
  }
  const text = given === '' ? `http://${hostname()}:${port}/` : given;
  const withScheme = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(withScheme)) {
    throw usageError(
      `--web.external-url=${given} is not a URL such as http://example.org:9090/prometheus`,
    );
  }
  const url = new URL(withScheme);
  const path = url.pathname.replace(/\/+$/, '');
  const prefix = values.routePrefix ?? path;
  return {
    url: `${url.protocol}//${url.host}${path}`,
    routePrefix: prefix.replace(/^\/*/, '/').replace(/\/+$/, ''),
  };
}

/** The path in the address, without a slash at its end; empty for none. */
export function externalPath({ url }: ExternalAddress): string {
  return new URL(url).pathname.replace(/\/+$/, '');
}
