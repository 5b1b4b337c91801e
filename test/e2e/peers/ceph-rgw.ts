/**
 * A real S3 server on loopback: Ceph's RGW over one monitor and one OSD that keeps its objects in memory. Ready after
 * about twelve seconds. Needs Debian's radosgw, ceph-mon, ceph-osd and ceph-common.
 */
import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { elementTexts } from '../../../src/objstore/s3/s3-xml.ts';
import {
  DayKeys,
  queryText,
  signV4,
  type UnsignedRequest,
} from '../../../src/objstore/s3/sign-request.ts';
import { freePort, type Program, startProgram, temporaryFolder } from '../real-programs.ts';
import { skipWithout } from './installed.ts';

const run = promisify(execFile);

export interface S3Keys {
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface CephRgw extends AsyncDisposable {
  /** `127.0.0.1:PORT`, without TLS. */
  readonly endpoint: string;
  /** May do everything. */
  readonly owner: S3Keys;
  /** May read what the owner has. */
  readonly reader: S3Keys;
  createBucket(name: string): Promise<void>;
  objectHeaders(bucket: string, name: string): Promise<Headers>;
  /** Names of objects that are being uploaded by parts. */
  unfinishedUploads(bucket: string): Promise<readonly string[]>;
  /** Kills the gateway alone: nothing listens any more, the objects stay. */
  killGateway(): Promise<void>;
  startGateway(): Promise<void>;
}

const OWNER: S3Keys = { accessKey: 'owner', secretKey: 'owner-secret' };
const READER: S3Keys = { accessKey: 'reader', secretKey: 'reader-secret' };

/** For `test(…, { skip })`: false when it can be started. */
export const skipCephRgw: string | false = ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph']
  .map((program) => skipWithout(program, 'radosgw ceph-mon ceph-osd ceph-common'))
  .reduce((first, skip) => first || skip, false);

export async function startCephRgw(): Promise<CephRgw> {
  const folder = temporaryFolder();
  const cluster: Cluster = {
    directory: folder.path,
    id: crypto.randomUUID(),
    monitor: `127.0.0.1:${await freePort()}`,
    gateway: `127.0.0.1:${await freePort()}`,
    daemons: [],
  };
  await using started = new AsyncDisposableStack();
  started.use(folder);
  started.defer(() => stop(cluster.daemons));
  await startStorage(cluster);
  let gateway = await startGateway(cluster);
  await createUsers(cluster);
  const ending = started.move();
  return {
    endpoint: cluster.gateway,
    owner: OWNER,
    reader: READER,
    createBucket: (name) => createBucket(cluster.gateway, name),
    async objectHeaders(bucket, name) {
      const path = `/${bucket}/${name}`;
      const answer = await ownerRequest(cluster.gateway, { method: 'HEAD', path, query: [] });
      return answer.headers;
    },
    unfinishedUploads: (bucket) => unfinishedUploads(cluster.gateway, bucket),
    killGateway: async () => gateway[Symbol.asyncDispose](),
    async startGateway() {
      gateway = await startGateway(cluster);
    },
    async [Symbol.asyncDispose]() {
      await ending.disposeAsync();
    },
  };
}

interface Cluster {
  readonly directory: string;
  readonly id: string;
  readonly monitor: string;
  readonly gateway: string;
  /** In the order of their start. */
  readonly daemons: Program[];
}

async function startStorage(cluster: Cluster): Promise<void> {
  const { directory, id, monitor } = cluster;
  for (const name of ['mon', 'osd']) mkdirSync(join(directory, name));
  writeFileSync(join(directory, 'ceph.conf'), configOf(cluster));
  const map = join(directory, 'monmap');
  await createKeys(directory);
  await run('monmaptool', ['--create', '--addv', 'a', `[v1:${monitor}]`, '--fsid', id, map]);
  const keyring = ['--keyring', join(directory, 'keyring')];
  await cephRun(cluster, 'ceph-mon', '-i', 'a', '--mkfs', '--monmap', map, ...keyring);
  startDaemon(cluster, 'ceph-mon', '-i', 'a');
  await until(cluster, () => cephRun(cluster, 'ceph', '--connect-timeout', '5', 'mon', 'stat'));
  await cephRun(cluster, 'ceph', 'osd', 'new', id);
  await cephRun(cluster, 'ceph', 'auth', 'import', '-i', join(directory, 'keyring'));
  await cephRun(cluster, 'ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', id);
  startDaemon(cluster, 'ceph-osd', '-i', '0');
  await until(cluster, async () => {
    const { stdout } = await cephRun(cluster, 'ceph', 'osd', 'stat');
    assert.match(stdout, /1 up/);
  });
}

function configOf({ directory, id, monitor, gateway }: Cluster): string {
  return `[global]
fsid = ${id}
mon host = v1:${monitor}
ms bind msgr2 = false
run dir = ${directory}
keyring = ${directory}/keyring
log file = ${directory}/$name.log
pid file = ${directory}/$name.pid
admin socket = ${directory}/$name.$pid.asok
mon data = ${directory}/mon
mon allow pool size one = true
osd data = ${directory}/osd
osd objectstore = memstore
memstore device bytes = 2147483648
osd pool default size = 1
osd pool default pg num = 8
osd crush chooseleaf type = 0
rgw crypt require ssl = false
rgw frontends = beast endpoint=${gateway} tcp_nodelay=1
`;
}

async function createKeys(directory: string): Promise<void> {
  const all = 'allow *';
  const keys: readonly (readonly string[])[] = [
    ['mon.', '--create-keyring', '--cap', 'mon', all],
    ['client.admin', '--cap', 'mon', all, '--cap', 'osd', all],
    ['osd.0', '--cap', 'mon', 'allow profile osd', '--cap', 'osd', all],
    ['client.rgw', '--cap', 'mon', 'allow rw', '--cap', 'osd', 'allow rwx'],
  ];
  for (const key of keys) {
    await run('ceph-authtool', [join(directory, 'keyring'), '--gen-key', '-n', ...key]);
  }
}

async function startGateway(cluster: Cluster): Promise<Program> {
  const gateway = startDaemon(cluster, 'radosgw', '-n', 'client.rgw');
  await until(cluster, async () => {
    const answer = await fetch(`http://${cluster.gateway}/`);
    assert.equal(answer.status, 200);
  });
  return gateway;
}

/** The reader is a second key pair of the owner, with fewer rights. */
async function createUsers(cluster: Cluster): Promise<void> {
  const admin = (...args: readonly string[]): Promise<unknown> =>
    cephRun(cluster, 'radosgw-admin', '-n', 'client.rgw', ...args);
  const keys = ({ accessKey, secretKey }: S3Keys): readonly string[] => [
    `--access-key=${accessKey}`,
    `--secret-key=${secretKey}`,
  ];
  await admin('user', 'create', '--uid=owner', '--display-name=owner', ...keys(OWNER));
  const subuser = ['--uid=owner', '--subuser=owner:reader', '--access=read', '--key-type=s3'];
  await admin('subuser', 'create', ...subuser, ...keys(READER));
}

async function createBucket(endpoint: string, name: string): Promise<void> {
  const answer = await ownerRequest(endpoint, { method: 'PUT', path: `/${name}`, query: [] });
  assert.equal(answer.status, 200, await answer.text());
}

async function unfinishedUploads(endpoint: string, bucket: string): Promise<readonly string[]> {
  const query = [['uploads', '']] as const;
  const answer = await ownerRequest(endpoint, { method: 'GET', path: `/${bucket}`, query });
  return elementTexts(await answer.text(), 'Key');
}

async function ownerRequest(
  endpoint: string,
  of: Pick<UnsignedRequest, 'method' | 'path' | 'query'>,
): Promise<Response> {
  const keys = { ...OWNER, sessionToken: '' };
  const signing = { keys, region: 'us-east-1', nowMs: Date.now(), hostBucket: '' };
  const signed = signV4({ ...of, host: endpoint, headers: {} }, signing, new DayKeys());
  const { host: _, ...headers } = signed;
  const url = `http://${endpoint}${of.path}?${queryText(of.query)}`;
  return fetch(url, { method: of.method, headers });
}

function cephRun(
  { directory }: Cluster,
  program: string,
  ...args: readonly string[]
): Promise<{ stdout: string }> {
  return run(program, ['-c', join(directory, 'ceph.conf'), ...args]);
}

/** In the foreground, so that it ends with this process. */
function startDaemon(cluster: Cluster, program: string, ...args: readonly string[]): Program {
  const config = ['-c', join(cluster.directory, 'ceph.conf')];
  const user = ['--setuser', 'root', '--setgroup', 'root'];
  const daemon = startProgram(program, [...config, ...args, '-f', ...user], '');
  process.once('exit', () => daemon.child.kill('SIGKILL'));
  cluster.daemons.push(daemon);
  return daemon;
}

async function stop(daemons: readonly Program[]): Promise<void> {
  for (const daemon of daemons.toReversed()) await daemon[Symbol.asyncDispose]();
}

/** Tries until it no longer fails; gives up when a daemon has ended or after half a minute. */
async function until(cluster: Cluster, attempt: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await attempt();
      return;
    } catch (error) {
      const ended = cluster.daemons.find(({ child }) => child.exitCode !== null);
      if (ended === undefined && tries < 150) await sleep(200);
      else throw new Error(`Ceph does not start: ${logsOf(cluster)}`, { cause: error });
    }
  }
}

function logsOf({ directory, daemons }: Cluster): string {
  const logs = readdirSync(directory).filter((name) => name.endsWith('.log'));
  const ends = logs.map((name) => readFileSync(join(directory, name), 'utf8').slice(-500));
  return [...daemons.map((daemon) => daemon.output()), ...ends].join('\n');
}
