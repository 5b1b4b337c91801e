/**
 * Tokens for Azure's storage when there is no key: of a client with a secret, of a workload's or a machine's identity.
 * Source: Microsoft identity platform "client credentials flow", Azure "managed identities: how to use a VM token".
 */
import { type Clock, deadlineSignal } from '../../base/clock.ts';
import { errorText, OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import type { Environment } from '../../transport/choose-proxy.ts';
import type { HttpClient, HttpClientRequest } from '../../transport/http-client.ts';
import type { AzureCredentialsConfig } from './azure-config.ts';

export interface TokenParts {
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly files: FileSystem;
  readonly environment: Environment;
}

/** As Azure's library asks for it, which keeps and renews it. */
export interface TokenSource {
  getToken(): Promise<{ readonly token: string; readonly expiresOnTimestamp: number }>;
}

const RESOURCE = 'https://storage.azure.com/';
const AUTHORITY = 'https://login.microsoftonline.com/';
const MACHINE_URL = 'http://169.254.169.254/metadata/identity/oauth2/token';
const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 1 << 20;

type Question = Pick<HttpClientRequest, 'method' | 'url' | 'headers' | 'body'>;

export function tokenSource(config: AzureCredentialsConfig, parts: TokenParts): TokenSource {
  return {
    async getToken() {
      const text = await ask(questionOf(config, parts), parts);
      const answer = JSON.parse(text) as Readonly<Record<string, unknown>>;
      const token = answer.access_token;
      if (typeof token !== 'string') {
        throw new OperationError('denied', 'cannot get a token for Azure: the answer has none');
      }
      const lifeMs = Number(answer.expires_in ?? 300) * 1000;
      return { token, expiresOnTimestamp: parts.clock.nowMs() + lifeMs };
    },
  };
}

function questionOf(config: AzureCredentialsConfig, parts: TokenParts): Question {
  const { environment, files } = parts;
  if (config.kind === 'client-secret') {
    const { tenantId, clientId, secret } = config;
    return ofClient({ tenantId, clientId, proof: { client_secret: secret } }, environment);
  }
  if (config.kind === 'managed-identity') return ofMachine(config.clientId, environment);
  const tenantId = environment.AZURE_TENANT_ID;
  const clientId = environment.AZURE_CLIENT_ID;
  const secret = environment.AZURE_CLIENT_SECRET;
  const file = environment.AZURE_FEDERATED_TOKEN_FILE;
  if (tenantId && clientId && secret) {
    return ofClient({ tenantId, clientId, proof: { client_secret: secret } }, environment);
  }
  if (tenantId && clientId && file) {
    const assertion = new TextDecoder().decode(files.readFile(file)).trim();
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const proof = { client_assertion: assertion, client_assertion_type: type };
    return ofClient({ tenantId, clientId, proof }, environment);
  }
  return ofMachine(clientId ?? '', environment);
}

function ofClient(
  of: {
    readonly tenantId: string;
    readonly clientId: string;
    readonly proof: Readonly<Record<string, string>>;
  },
  environment: Environment,
): Question {
  const authority = environment.AZURE_AUTHORITY_HOST || AUTHORITY;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: of.clientId,
    scope: `${RESOURCE}.default`,
    ...of.proof,
  });
  return {
    method: 'POST',
    url: `${authority.replace(/\/$/, '')}/${of.tenantId}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  };
}

function ofMachine(clientId: string, environment: Environment): Question {
  const endpoint = environment.IDENTITY_ENDPOINT;
  const secret = environment.IDENTITY_HEADER;
  const ofService = endpoint && secret;
  const query = new URLSearchParams({
    'api-version': ofService ? '2019-08-01' : '2018-02-01',
    resource: RESOURCE,
    ...(clientId === '' ? {} : { client_id: clientId }),
  });
  return {
    method: 'GET',
    url: `${ofService ? endpoint : MACHINE_URL}?${query}`,
    headers: ofService ? { 'x-identity-header': secret } : { metadata: 'true' },
  };
}

async function ask(question: Question, { client, clock }: TokenParts): Promise<string> {
  const { signal, clear } = deadlineSignal(clock, TIMEOUT_MS);
  const [address] = question.url.split('?');
  try {
    const answer = await client.request({ ...question, signal });
    const text = new TextDecoder().decode(await answer.bytes(ANSWER_BYTES_MAX));
    if (answer.status === 200) return text;
    const kind = answer.status >= 500 ? 'unavailable' : 'denied';
    const reason = /"error_description":"([^"\\]*)/.exec(text)?.[1] ?? '';
    const what = `${address} answers ${answer.status} ${reason}`.trim();
    throw new OperationError(kind, `cannot get a token for Azure: ${what}`);
  } catch (error) {
    if (error instanceof OperationError && error.kind === 'denied') throw error;
    const message = `cannot get a token for Azure: ${errorText(error)}`;
    throw new OperationError('unavailable', message);
  } finally {
    clear();
  }
}
