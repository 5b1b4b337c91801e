/**
 * Access tokens by OAuth 2.0's client credentials (RFC 6749 §4.4), kept until shortly before they expire. The client is
 * named in the Authorization header; a server that refuses that is asked with the credentials in the body, as Go does.
 */
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { OAuth2Settings } from './client-settings.ts';
import { basicCredentials, readSecret } from './credentials.ts';
import type { HttpClient } from './http-client.ts';

export interface TokenSource extends AsyncDisposable {
  /** The value of the Authorization header. Throws OperationError naming the token URL. */
  authorization(signal: AbortSignal): Promise<string>;
}

export interface TokenSourceOptions {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly settings: OAuth2Settings;
  /** Owned by the token source. */
  readonly client: HttpClient;
}

interface Token {
  readonly authorization: string;
  readonly expiresMs: number;
  readonly secret: string;
}

type Style = 'header' | 'body';

/** A token is not used in the last seconds before it expires. */
const EXPIRY_MARGIN_MS = 10_000;
const ANSWER_BYTES_MAX = 1 << 20;

export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { files, clock, settings, client } = options;
  let token: Token | undefined;
  let style: Style | undefined;

  const ask = async (secret: string, signal: AbortSignal): Promise<Token> => {
    for (const tried of style === undefined ? (['header', 'body'] as const) : [style]) {
      const answer = await client.request({ ...tokenRequest(settings, secret, tried), signal });
      const text = new TextDecoder().decode(await answer.bytes(ANSWER_BYTES_MAX));
      if (tried === 'header' && style === undefined && !isToken(answer.status, text)) continue;
      const contentType = answer.headers['content-type'] ?? '';
      const found = parseToken(settings.tokenUrl, { status: answer.status, text, contentType });
      style = tried;
      const expiresMs =
        found.expiresInS > 0 ? clock.nowMs() + found.expiresInS * 1000 : Number.POSITIVE_INFINITY;
      return { authorization: found.authorization, expiresMs, secret };
    }
    throw refused(settings.tokenUrl, 'no way to name the client was accepted');
  };
  return {
    async authorization(signal) {
      const secret = readSecret(files, settings.clientSecret);
      const isFresh =
        token !== undefined &&
        token.secret === secret &&
        clock.nowMs() < token.expiresMs - EXPIRY_MARGIN_MS;
      if (token !== undefined && isFresh) return token.authorization;
      token = await ask(secret, signal);
      return token.authorization;
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

function tokenRequest(settings: OAuth2Settings, secret: string, style: Style) {
  const { clientId, scopes, endpointParams, tokenUrl } = settings;
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  for (const [name, value] of endpointParams) form.set(name, value);
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
  if (style === 'body') {
    form.set('client_id', clientId);
    if (secret !== '') form.set('client_secret', secret);
  } else {
    headers.authorization = basicCredentials(formEncode(clientId), formEncode(secret));
  }
  return { method: 'POST', url: tokenUrl, headers, body: form.toString() } as const;
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

function isToken(status: number, text: string): boolean {
  return status >= 200 && status < 300 && text.includes('access_token');
}

interface TokenAnswer {
  readonly status: number;
  readonly text: string;
  readonly contentType: string;
}

function parseToken(
  url: string,
  answer: TokenAnswer,
): { readonly authorization: string; readonly expiresInS: number } {
  const fields = answerFields(url, answer);
  const field = (name: string): string => String(fields[name] ?? '');
  if (answer.status < 200 || answer.status > 299 || field('error') !== '') {
    const reason = [field('error'), field('error_description')].filter((one) => one !== '');
    throw refused(url, [`the server answered ${answer.status}`, ...reason].join(', '));
  }
  if (field('access_token') === '') throw refused(url, 'the answer has no access_token');
  const authorization = `${tokenType(field('token_type'))} ${field('access_token')}`;
  return { authorization, expiresInS: Number(field('expires_in')) || 0 };
}

function answerFields(url: string, { status, text, contentType }: TokenAnswer) {
  const isForm = /^(application\/x-www-form-urlencoded|text\/plain)\b/i.test(contentType.trim());
  if (isForm) return Object.fromEntries(new URLSearchParams(text));
  try {
    return { ...(JSON.parse(text) as Record<string, unknown>) };
  } catch (cause) {
    if (status < 200 || status > 299) return {};
    throw new OperationError('unavailable', `cannot read the token of ${url}`, { cause });
  }
}

/** As servers spell them, whatever the case in the answer. */
function tokenType(given: string): string {
  const known = ['Bearer', 'MAC', 'Basic'];
  return known.find((one) => one.toLowerCase() === given.toLowerCase()) ?? (given || 'Bearer');
}

function refused(url: string, reason: string): OperationError {
  return new OperationError('unavailable', `cannot fetch a token from ${url}: ${reason}`);
}
