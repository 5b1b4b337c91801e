import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { OperationError } from '../../base/errors.ts';
import { ManualClock } from '../../base/testing/manual-clock.ts';
import type { HttpClient, HttpClientRequest } from '../../transport/http-client.ts';
import { realFileSystem } from '../../world/file-system.ts';
import { type KeySource, keySource } from './s3-keys.ts';

const scratch = mkdtempSync(join(tmpdir(), 'keys-'));
after(() => rmSync(scratch, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

interface Answers {
  /** By "METHOD URL": a text, or a status that refuses. */
  readonly [request: string]: string | number;
}

interface Setup {
  readonly keys: KeySource;
  readonly clock: ManualClock;
  readonly asked: HttpClientRequest[];
}

function setUp(environment: Record<string, string>, answers: Answers = {}): Setup {
  const clock = new ManualClock(Date.parse('2026-01-01T00:00:00Z'));
  const asked: HttpClientRequest[] = [];
  const client: HttpClient = {
    async request(request) {
      asked.push(request);
      const answer = answers[`${request.method} ${request.url}`];
      if (answer === undefined) throw new OperationError('unavailable', 'nobody is there');
      const text = typeof answer === 'string' ? answer : '';
      return {
        status: typeof answer === 'number' ? answer : 200,
        headers: {},
        body: () => pieces(text),
        bytes: async () => new TextEncoder().encode(text),
        text: async () => text,
      };
    },
    async [Symbol.asyncDispose]() {},
  };
  const parts = { files: realFileSystem, clock, client, environment };
  return { keys: keySource({ kind: 'chain', stsEndpoint: '' }, parts), clock, asked };
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

const NO_INSTANCE = { AWS_EC2_METADATA_DISABLED: 'true' };
const ROLE_KEYS = JSON.stringify({
  AccessKeyId: 'role',
  SecretAccessKey: 'secret',
  Token: 'token',
  Expiration: '2026-01-01T06:00:00Z',
});

async function accessKey({ keys }: Setup): Promise<string> {
  const { accessKey: key, secretKey, sessionToken } = await keys();
  return [key, secretKey, sessionToken].join(' ');
}

test('keys of the configuration need no environment', async () => {
  const config = { kind: 'keys', accessKey: 'a', secretKey: 's', sessionToken: '' } as const;
  const { clock } = setUp({});
  const client = {} as HttpClient;
  const parts = { files: realFileSystem, clock, client, environment: { AWS_ACCESS_KEY_ID: 'x' } };
  assert.equal((await keySource(config, parts)()).accessKey, 'a');
});

test('the environment comes before the shared file, and that before roles', async () => {
  const AWS_SHARED_CREDENTIALS_FILE = file(
    'credentials',
    '[default]\naws_access_key_id = d\naws_secret_access_key=s\n# [other]\n\n' +
      '[other]\naws_access_key_id=o\naws_secret_access_key=p\naws_session_token=q\n',
  );
  const f = async (environment: Record<string, string>, want: string) =>
    assert.equal(await accessKey(setUp(environment)), want);
  await f(
    { AWS_ACCESS_KEY_ID: 'e', AWS_SECRET_ACCESS_KEY: 's', AWS_SHARED_CREDENTIALS_FILE },
    'e s ',
  );
  await f({ AWS_ACCESS_KEY: 'e', AWS_SECRET_KEY: 's', AWS_SESSION_TOKEN: 't' }, 'e s t');
  await f({ AWS_SHARED_CREDENTIALS_FILE }, 'd s ');
  await f({ AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE: 'other' }, 'o p q');
});

test('a web identity is exchanged at the token service of the region', async () => {
  const environment = {
    AWS_WEB_IDENTITY_TOKEN_FILE: file('token', 'the-token\n'),
    AWS_ROLE_ARN: 'arn:aws:iam::1:role/r',
    AWS_REGION: 'eu-west-1',
  };
  const answer = `<AssumeRoleWithWebIdentityResponse><Credentials>
    <AccessKeyId>role</AccessKeyId><SecretAccessKey>a&amp;b</SecretAccessKey>
    <SessionToken>token</SessionToken><Expiration>2026-01-01T01:00:00Z</Expiration>
  </Credentials></AssumeRoleWithWebIdentityResponse>`;
  const url = 'https://sts.eu-west-1.amazonaws.com';
  const setup = setUp(environment, { [`POST ${url}`]: answer });
  assert.equal(await accessKey(setup), 'role a&b token');
  const form = new URLSearchParams(String(setup.asked[0]?.body));
  assert.equal(form.get('WebIdentityToken'), 'the-token');
  assert.equal(form.get('RoleArn'), 'arn:aws:iam::1:role/r');
});

test('keys of a role are renewed five minutes before they expire, and asked for once', async () => {
  const url = 'http://169.254.170.2/role';
  const environment = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/role' };
  const setup = setUp(environment, { [`GET ${url}`]: ROLE_KEYS });
  await Promise.all([setup.keys(), setup.keys(), setup.keys()]);
  setup.clock.advance(5 * 3_600_000);
  assert.equal(await accessKey(setup), 'role secret token');
  assert.equal(setup.asked.length, 1);
  setup.clock.advance(55 * 60_000);
  await setup.keys();
  assert.equal(setup.asked.length, 2);
});

test("an instance's role is asked for with a token", async () => {
  const base = 'http://169.254.169.254/latest';
  const roles = `${base}/meta-data/iam/security-credentials/`;
  const answers = {
    [`PUT ${base}/api/token`]: 'session',
    [`GET ${roles}`]: 'the-role\n',
    [`GET ${roles}the-role`]: ROLE_KEYS,
  };
  const setup = setUp({}, answers);
  assert.equal(await accessKey(setup), 'role secret token');
  assert.equal(setup.asked[2]?.headers?.['x-aws-ec2-metadata-token'], 'session');
});

test('what is missing is said, and who does not answer is unavailable', async () => {
  const f = async (setup: Setup, kind: string, want: RegExp) =>
    assert.rejects(setup.keys(), (error: unknown) => {
      assert.ok(error instanceof OperationError && error.kind === kind, String(error));
      assert.match(error.message, want);
      return true;
    });
  await f(setUp(NO_INSTANCE), 'denied', /give access_key and secret_key, or set up the environ/);
  await f(setUp({}), 'denied', /give access_key and secret_key/);
  const url = 'http://localhost/keys';
  const environment = { AWS_CONTAINER_CREDENTIALS_FULL_URI: url };
  await f(setUp(environment), 'unavailable', /cannot get keys for S3: nobody is there/);
  await f(setUp(environment, { [`GET ${url}`]: 403 }), 'denied', /localhost\/keys answers 403/);
  await f(setUp(environment, { [`GET ${url}`]: 500 }), 'unavailable', /answers 500/);
  await f(setUp(environment, { [`GET ${url}`]: '{}' }), 'denied', /gives none/);
});
