/** Headers of gRPC: deadlines, messages in trailers, and what of HTTP/2's headers is the caller's metadata. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { OperationError } from '../base/errors.ts';

/** Peers refuse header lists of more than 8 or 16 KiB; percent-encoding may triple a text. */
export const TRAILER_TEXT_MAX = 2048;

const UNITS_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** At most eight digits and a unit; rounded up, so that the peer never gives up before we do. */
export function printTimeout(timeoutMs: number): string {
  const ms = Math.max(1, Math.ceil(timeoutMs));
  if (ms < 1e8) return `${ms}m`;
  const seconds = Math.ceil(ms / 1000);
  return seconds < 1e8 ? `${seconds}S` : `${Math.min(99_999_999, Math.ceil(seconds / 3600))}H`;
}

/** Milliseconds. Throws OperationError 'internal', which is what gRPC servers answer to it. */
export function parseTimeout(text: string): number {
  const match = /^(\d{1,8})([HMSmun])$/.exec(text);
  const unit = UNITS_MS[match?.[2] ?? ''];
  if (match === null || unit === undefined) {
    const want = 'up to eight digits and one of H M S m u n';
    throw new OperationError('internal', `malformed grpc-timeout ${JSON.stringify(text)}: ${want}`);
  }
  return Number(match[1]) * unit;
}

/** Printable ASCII stays; all else, and %, is percent-encoded UTF-8. */
export function encodeStatusMessage(message: string): string {
  return [...Buffer.from(message)]
    .map((byte) =>
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
}

/** Whatever is not a percent-encoding stays as it is. */
export function decodeStatusMessage(text: string): string {
  if (!text.includes('%')) return text;
  const bytes: number[] = [];
  const raw = Buffer.from(text);
  for (let i = 0; i < raw.length; i++) {
    const digits = raw.toString('latin1', i + 1, i + 3);
    if (raw[i] === 0x25 && /^[0-9a-fA-F]{2}$/.test(digits)) {
      bytes.push(Number.parseInt(digits, 16));
      i += 2;
    } else bytes.push(raw[i] as number);
  }
  return Buffer.from(bytes).toString();
}

/** Header names that belong to the transport. */
const OWN = /^(:.*|grpc-.*|te|content-type|user-agent|connection|host)$/;

export function metadataOf(headers: IncomingHttpHeaders): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || OWN.test(name)) continue;
    metadata[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return metadata;
}

/** Throws OperationError 'bad-data' for a name or value that HTTP/2 cannot carry. */
export function metadataHeaders(metadata: Readonly<Record<string, string>>): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(metadata)) {
    const lower = name.toLowerCase();
    const isRight =
      /^[a-z0-9_.-]+$/.test(lower) && !OWN.test(lower) && /^[\x20-\x7e]*$/.test(value);
    if (!isRight) {
      const what = `${name}: ${value}`.slice(0, 100);
      throw new OperationError('bad-data', `cannot send gRPC metadata ${JSON.stringify(what)}`);
    }
    headers[lower] = value;
  }
  return headers;
}

/** One header as text; of several the first. */
export function headerText(
  headers: IncomingHttpHeaders | undefined,
  name: string,
): string | undefined {
  const value = headers?.[name];
  return Array.isArray(value) ? value[0] : value;
}
