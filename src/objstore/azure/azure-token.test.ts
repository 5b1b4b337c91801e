import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { OperationError } from '../../base/errors.ts';
import { ManualClock } from '../../base/testing/manual-clock.ts';
import type { HttpClient, HttpClientRequest } from '../../transport/http-client.ts';
import { realFileSystem } from '../../world/file-system.ts';
import type { AzureCredentialsConfig } from './azure-config.ts';
import { type TokenSource, tokenSource } from './azure-token.ts';

const scratch = mkdtempSync(join(tmpdir(), 'token-'));
after(() => rmSync(scratch, { recursive: true }));

const GRANTED = '{"access_token": "t", "expires_in": 3600}';

function setUp(
  config: AzureCredentialsConfig,
  environment: Record<string, string> = {},
  answer: { status: number; text: string } = { status: 200, text: GRANTED },
): { source: TokenSource; asked: HttpClientRequest[] } {
  const asked: HttpClientRequest[] = [];
  const client: HttpClient = {
    async request(request) {
      asked.push(request);
      const bytes = new TextEncoder().encode(answer.text);
      return {
        status: answer.status,
        headers: {},
        async *body() {
          yield bytes;
        },
        bytes: async () => bytes,
        text: async () => answer.text,
      };
    },
    async [Symbol.asyncDispose]() {},
  };
  const clock = new ManualClock(1000);
  const source = tokenSource(config, { client, clock, files: realFileSystem, environment });
  return { source, asked };
}

test('a token is asked for by what is configured, or by what the environment has', async () => {
  const f = async (
    config: AzureCredentialsConfig,
    environment: Record<string, string>,
    want: RegExp,
  ) => {
    const { source, asked } = setUp(config, environment);
    assert.deepEqual(await source.getToken(), { token: 't', expiresOnTimestamp: 3_601_000 });
    const [{ method, url, body = '', headers }] = asked;
    assert.match(`${method} ${url} ${body} ${JSON.stringify(headers)}`, want);
  };
  const secret = { kind: 'client-secret', tenantId: 't1', clientId: 'c1', secret: 's1' } as const;
  const client = { AZURE_TENANT_ID: 't2', AZURE_CLIENT_ID: 'c2' };
  const federated = join(scratch, 'assertion');
  writeFileSync(federated, 'proof\n');
  await f(
    secret,
    {},
    /^POST https:\/\/login\.microsoftonline\.com\/t1\/oauth2\/v2\.0\/token .*=s1/,
  );
  await f({ kind: 'default' }, { ...client, AZURE_CLIENT_SECRET: 's2' }, /com\/t2\/.*secret=s2/);
  await f(
    { kind: 'default' },
    { ...client, AZURE_FEDERATED_TOKEN_FILE: federated, AZURE_AUTHORITY_HOST: 'https://login/' },
    /^POST https:\/\/login\/t2\/.*client_assertion=proof/,
  );
  await f({ kind: 'default' }, {}, /^GET http:\/\/169\.254\.169\.254\/.*"metadata":"true"/);
  await f({ kind: 'managed-identity', clientId: 'm' }, {}, /resource=https.*&client_id=m/);
  await f(
    { kind: 'managed-identity', clientId: 'm' },
    { IDENTITY_ENDPOINT: 'http://service/token', IDENTITY_HEADER: 'h' },
    /^GET http:\/\/service\/token\?api-version=2019-08-01.*"x-identity-header":"h"/,
  );
});

test('a refusal is told with its reason and without the secret', async () => {
  const config = { kind: 'client-secret', tenantId: 't', clientId: 'c', secret: 'hidden' } as const;
  const f = async (status: number, text: string, kind: string, want: RegExp) =>
    assert.rejects(setUp(config, {}, { status, text }).source.getToken(), (error: unknown) => {
      assert.ok(error instanceof OperationError && error.kind === kind, String(error));
      assert.match(error.message, want);
      assert.doesNotMatch(error.message, /hidden/);
      return true;
    });
  await f(401, '{"error_description":"wrong client"}', 'denied', /answers 401 wrong client/);
  await f(503, '', 'unavailable', /answers 503/);
  await f(200, '{}', 'denied', /the answer has none/);
});
