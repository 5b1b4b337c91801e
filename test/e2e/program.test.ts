import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

function tsanos(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/tsanos.mjs', ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('help and version go to standard output with status 0', () => {
  const list = tsanos('--help');
  assert.deepEqual([list.status, list.stderr], [0, '']);
  assert.match(list.stdout, /Commands:\n\n {2}up {2,}the whole system/);
  assert.match(tsanos('up', '--help').stdout, /--port-offset=0\n/);
  assert.match(
    tsanos('--version').stdout,
    /^tsanos, version \d+\.\d+\.\d+\n {2}node version: {5}v24/,
  );
});

test('a machine where compiled code cannot be kept runs it all the same', () => {
  const { NODE_COMPILE_CACHE: _, ...environment } = process.env;
  const env = { ...environment, TMPDIR: '/etc/passwd' };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/tsanos.mjs', '--version'], {
    encoding: 'utf8',
    env,
  });
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /^tsanos, version/);
});

test('compiled code is kept where no other user can put any', () => {
  const { NODE_COMPILE_CACHE: _, ...environment } = process.env;
  const temporary = mkdtempSync(join(tmpdir(), 'tsanos-'));
  const run = (): void => {
    const env = { ...environment, TMPDIR: temporary };
    const options = { encoding: 'utf8', env } as const;
    const { stdout } = spawnSync(process.execPath, ['bin/tsanos.mjs', '--version'], options);
    assert.match(stdout, /^tsanos, version/);
  };
  try {
    run();
    const [name = '', ...others] = readdirSync(temporary);
    assert.deepEqual(others, []);
    const path = join(temporary, name);
    assert.equal(statSync(path).mode & 0o777, 0o700);
    assert.notEqual(readdirSync(path).length, 0);
    rmSync(path, { recursive: true });
    mkdirSync(path);
    chmodSync(path, 0o777);
    run();
    assert.deepEqual(readdirSync(path), []);
  } finally {
    rmSync(temporary, { recursive: true });
  }
});

test('a wrong command line has status 2 and says what would be right', () => {
  const f = (args: readonly string[], message: RegExp): void => {
    const { status, stdout, stderr } = tsanos(...args);
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
    assert.match(stderr, message);
  };
  f([], /^tsanos: which command\?\n\nt/);
  f(['uo'], /^tsanos: unknown command uo: `tsanos --help` lists them\n$/);
  f(['entri'], /^tsanos: unknown command entri: did you mean entry\?\n$/);
  f(
    ['entry', '--querier.ulr=http://x'],
    /^tsanos: entry: unknown flag --querier\.ulr \(did you mean --querier\.url\?\)\n`tsanos entry --help` shows/,
  );
  f(['entry'], /--querier\.url=<url> is required/);
  f(['@/nowhere/args'], /^tsanos: cannot read \/nowhere\/args: ENOENT/);
});

test('a failure has status 1 and one line in the log', () => {
  const { status, stderr } = tsanos('up', '--prometheus.binary=/nowhere/prometheus');
  assert.equal(status, 1);
  assert.match(
    stderr,
    /^ts=\S+ caller=\S+ level=error msg=failed err="cannot find the Prometheus server \/nowhere\/prometheus: install it \(Debian, Ubuntu: apt-get install prometheus;.*\n$/,
  );
});

test('arguments may come from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'program-'));
  const path = join(folder, 'args');
  writeFileSync(path, '# of entry\n--log.format=json\n--http.config=/nowhere/web.yml\n');
  const { status, stderr } = tsanos('entry', `@${path}`, '--querier.url=http://127.0.0.1:1');
  rmSync(folder, { recursive: true });
  assert.equal(status, 1);
  assert.equal((JSON.parse(stderr) as { readonly level: string }).level, 'error');
});
