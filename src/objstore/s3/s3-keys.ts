/**
 * Where the keys of S3 come from when the configuration has none: the environment, the shared file, a web identity
 * (IRSA), the container's or the instance's role; the first that has some. Keys that expire are renewed before.
 * Source: AWS SDKs "Credential providers", Thanos' order.
 */
import { type Clock, deadlineSignal } from '../../base/clock.ts';
import { errorText, OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import type { Environment } from '../../transport/choose-proxy.ts';
import type { HttpClient, HttpClientAnswer } from '../../transport/http-client.ts';
import type { S3CredentialsConfig } from './s3-config.ts';
import { elementText } from './s3-xml.ts';
import type { S3Keys } from './sign-request.ts';

export interface KeySourceParts {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly environment: Environment;
  readonly client: HttpClient;
}

/** Throws OperationError 'denied' when there are none, 'unavailable' when who has them does not answer. */
export type KeySource = () => Promise<S3Keys>;

interface FoundKeys extends S3Keys {
  /** Infinity for keys that stay. */
  readonly expiresMs: number;
}

/** Undefined when this place is not set up. */
type Place = (parts: KeySourceParts) => Promise<FoundKeys | undefined> | FoundKeys | undefined;

const RENEW_BEFORE_MS = 5 * 60 * 1000;
const ANSWER_BYTES_MAX = 1 << 20;
const TIMEOUT_MS = 5000;
/** Outside Amazon nothing answers there. */
const INSTANCE_TIMEOUT_MS = 1000;
const INSTANCE_URL = 'http://169.254.169.254';
const CONTAINER_URL = 'http://169.254.170.2';

export function keySource(config: S3CredentialsConfig, parts: KeySourceParts): KeySource {
  if (config.kind === 'keys') return async () => config;
  const { clock } = parts;
  let found: FoundKeys | undefined;
  let finding: Promise<FoundKeys> | undefined;
  return async () => {
    if (found !== undefined && clock.nowMs() < found.expiresMs - RENEW_BEFORE_MS) return found;
    finding ??= findKeys(config.stsEndpoint, parts).finally(() => {
      finding = undefined;
    });
    found = await finding;
    return found;
  };
}

async function findKeys(stsEndpoint: string, parts: KeySourceParts): Promise<FoundKeys> {
  const places: readonly Place[] = [
    fromEnvironment,
    fromSharedFile,
    (all) => fromWebIdentity(all, stsEndpoint),
    fromContainer,
    fromInstance,
  ];
  for (const place of places) {
    const found = await place(parts);
    if (found !== undefined) return found;
  }
  const ways = 'the environment (AWS_ACCESS_KEY_ID), ~/.aws/credentials or a role';
  const message = `cannot find keys for S3: give access_key and secret_key, or set up ${ways}`;
  throw new OperationError('denied', message);
}

function fromEnvironment({ environment }: KeySourceParts): FoundKeys | undefined {
  const accessKey = environment.AWS_ACCESS_KEY_ID || environment.AWS_ACCESS_KEY;
  const secretKey = environment.AWS_SECRET_ACCESS_KEY || environment.AWS_SECRET_KEY;
  if (!accessKey || !secretKey) return undefined;
  const sessionToken = environment.AWS_SESSION_TOKEN ?? '';
  return { accessKey, secretKey, sessionToken, expiresMs: Number.POSITIVE_INFINITY };
}

function fromSharedFile({ files, environment, clock }: KeySourceParts): FoundKeys | undefined {
  const home = environment.HOME;
  const path = environment.AWS_SHARED_CREDENTIALS_FILE || (home ? `${home}/.aws/credentials` : '');
  if (path === '' || files.stat(path) === undefined) return undefined;
  const text = new TextDecoder().decode(files.readFile(path));
  const profile = iniSection(text, environment.AWS_PROFILE || 'default');
  const accessKey = profile.get('aws_access_key_id');
  const secretKey = profile.get('aws_secret_access_key');
  if (!accessKey || !secretKey) return undefined;
  const sessionToken = profile.get('aws_session_token') ?? '';
  // The file may change: it is read again now and then.
  return { accessKey, secretKey, sessionToken, expiresMs: clock.nowMs() + 2 * RENEW_BEFORE_MS };
}

function iniSection(text: string, name: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let isInside = false;
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line.startsWith('[')) isInside = line === `[${name}]`;
    const equals = line.indexOf('=');
    if (!isInside || equals < 0 || /^[#;]/.test(line)) continue;
    found.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim());
  }
  return found;
}

async function fromWebIdentity(
  parts: KeySourceParts,
  stsEndpoint: string,
): Promise<FoundKeys | undefined> {
  const { environment, files } = parts;
  const tokenFile = environment.AWS_WEB_IDENTITY_TOKEN_FILE;
  const role = environment.AWS_ROLE_ARN;
  if (!tokenFile || !role) return undefined;
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION;
  const host = region ? `sts.${region}.amazonaws.com` : 'sts.amazonaws.com';
  const endpoint = stsEndpoint || environment.AWS_ENDPOINT_URL_STS || `https://${host}`;
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: environment.AWS_ROLE_SESSION_NAME || 'tsanos',
    WebIdentityToken: new TextDecoder().decode(files.readFile(tokenFile)).trim(),
  });
  const answer = await ask(parts, {
    method: 'POST',
    url: endpoint,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  return keysOf(
    {
      AccessKeyId: elementText(answer, 'AccessKeyId'),
      SecretAccessKey: elementText(answer, 'SecretAccessKey'),
      Token: elementText(answer, 'SessionToken'),
      Expiration: elementText(answer, 'Expiration'),
    },
    endpoint,
  );
}

async function fromContainer(parts: KeySourceParts): Promise<FoundKeys | undefined> {
  const { environment, files } = parts;
  const relative = environment.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
  const url = relative
    ? `${CONTAINER_URL}${relative}`
    : environment.AWS_CONTAINER_CREDENTIALS_FULL_URI;
  if (!url) return undefined;
  const tokenFile = environment.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  const token = tokenFile
    ? new TextDecoder().decode(files.readFile(tokenFile)).trim()
    : environment.AWS_CONTAINER_AUTHORIZATION_TOKEN;
  const headers: Record<string, string> = token ? { authorization: token } : {};
  return keysOf(JSON.parse(await ask(parts, { method: 'GET', url, headers })), url);
}

/** IMDSv2: a token first, with which the role's name and keys are asked for. */
async function fromInstance(parts: KeySourceParts): Promise<FoundKeys | undefined> {
  const { environment } = parts;
  if (environment.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') return undefined;
  const base = environment.AWS_EC2_METADATA_SERVICE_ENDPOINT || INSTANCE_URL;
  let token: string;
  try {
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' };
    const url = `${base}/latest/api/token`;
    token = await ask(parts, { method: 'PUT', url, headers }, INSTANCE_TIMEOUT_MS);
  } catch {
    return undefined; // this is no instance of Amazon
  }
  const headers = { 'x-aws-ec2-metadata-token': token };
  const roles = `${base}/latest/meta-data/iam/security-credentials/`;
  const [role] = (await ask(parts, { method: 'GET', url: roles, headers })).trim().split('\n');
  const url = `${roles}${role}`;
  return keysOf(JSON.parse(await ask(parts, { method: 'GET', url, headers })), url);
}

interface Question {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function ask(
  { client, clock }: KeySourceParts,
  question: Question,
  timeoutMs = TIMEOUT_MS,
): Promise<string> {
  const { signal, clear } = deadlineSignal(clock, timeoutMs);
  try {
    const answer: HttpClientAnswer = await client.request({ ...question, signal });
    const text = new TextDecoder().decode(await answer.bytes(ANSWER_BYTES_MAX));
    if (answer.status === 200) return text;
    const kind = answer.status >= 500 ? 'unavailable' : 'denied';
    const told = elementText(text, 'Message');
    throw new OperationError(kind, `${question.url} answers ${answer.status} ${told}`.trim());
  } catch (error) {
    const kind = error instanceof OperationError && error.kind === 'denied' ? 'denied' : undefined;
    const message = `cannot get keys for S3: ${errorText(error)}`;
    throw new OperationError(kind ?? 'unavailable', message);
  } finally {
    clear();
  }
}

interface KeyDocument {
  readonly AccessKeyId?: unknown;
  readonly SecretAccessKey?: unknown;
  readonly Token?: unknown;
  readonly Expiration?: unknown;
}

function keysOf(document: KeyDocument, from: string): FoundKeys {
  const [accessKey, secretKey, sessionToken, expiration] = [
    document.AccessKeyId,
    document.SecretAccessKey,
    document.Token,
    document.Expiration,
  ].map((value) => (typeof value === 'string' ? value : ''));
  if (accessKey === '' || secretKey === '') {
    throw new OperationError('denied', `cannot get keys for S3: ${from} gives none`);
  }
  const expiresMs = Date.parse(expiration);
  return {
    accessKey,
    secretKey,
    sessionToken,
    expiresMs: Number.isNaN(expiresMs) ? Number.POSITIVE_INFINITY : expiresMs,
  };
}
