import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import { realClock } from '../world/clock.ts';
import { realFileSystem } from '../world/file-system.ts';
import { chooseFormat } from './exposition.ts';
import { createLogger, type LogFormat, type Logger, type LogLevel } from './logger.ts';
import {
  counter,
  createMetricRegistry,
  exponentialBuckets,
  gauge,
  histogram,
  summary,
} from './metrics.ts';
import { observeProcess } from './process-metrics.ts';
import { createReadiness } from './readiness.ts';

const clock = { ...realClock, nowMs: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) };

function logged(format: LogFormat, level: LogLevel, use: (logger: Logger) => void): string {
  let lines = '';
  use(createLogger({ format, level, clock, write: (line) => (lines += line) }));
  return lines;
}

test('a logfmt line has the keys of Thanos first and quotes what needs it', () => {
  const cause = new OperationError('unavailable', 'cannot dial a:1', {
    cause: new Error('no\nway'),
  });
  const line = logged('logfmt', 'info', (logger) =>
    logger.with({ component: 'sidecar' }).warn('it is "late"', { err: cause, count: 3, ok: true }),
  );
  assert.equal(
    line.replace(/test\.ts:\d+/, 'test.ts:N'),
    'ts=2026-01-02T03:04:05.678Z caller=telemetry.test.ts:N level=warn msg="it is \\"late\\"" ' +
      'component=sidecar err="cannot dial a:1: no\\nway" count=3 ok=true\n',
  );
});

test('a JSON line has the same keys', () => {
  const line = logged('json', 'info', (logger) => logger.info('hello', { a: [1], level: 'x' }));
  const { caller, ...rest } = JSON.parse(line) as Record<string, unknown>;
  assert.match(String(caller), /^telemetry\.test\.ts:\d+$/);
  assert.deepEqual(rest, {
    ts: '2026-01-02T03:04:05.678Z',
    level: 'info',
    msg: 'hello',
    a: [1],
    level_: 'x',
  });
});

test('levels below the chosen one are silent', () => {
  const line = logged('logfmt', 'warn', (logger) => {
    logger.debug('a');
    logger.info('b');
    logger.error('c');
  });
  assert.match(line, /level=error msg=c\n$/);
  assert.equal(line.split('\n').length, 2);
});

test('secrets are never logged', () => {
  const line = logged('logfmt', 'info', (logger) =>
    logger.info('dial', {
      basic_auth_password: 'p1',
      secret_key: 'p2',
      bearerToken: 'p3',
      url: 'http://user:p4@host/x and s3://k:p5@h',
      err: new Error('GET https://u:p6@h failed'),
    }),
  );
  assert.doesNotMatch(line, /p[1-6]/);
  assert.match(line, /url="http:\/\/user:<redacted>@host\/x and s3:\/\/k:<redacted>@h"/);
});

test('metrics are printed as promtool wants them, in both formats', async () => {
  const registry = createMetricRegistry();
  const metrics = registry.declare({
    calls: counter('calls_total', 'Calls with a "quote" and \\.', ['code']),
    up: gauge('is_up', 'Whether it is up.'),
    took: histogram({ name: 'took_seconds', help: 'Time.', buckets: exponentialBuckets(1, 2, 2) }),
    size: summary('size_bytes', 'Size.', ['kind']),
  });
  metrics.calls.inc({ code: 'a"b\\c\nd' }, 2);
  metrics.up.set(Number.POSITIVE_INFINITY);
  metrics.took.observe(1.5);
  metrics.size.observe({ kind: 'x' }, 10);
  const text = await registry.print('text');
  assert.match(text.body, /^calls_total\{code="a\\"b\\\\c\\nd"\} 2$/m);
  assert.match(text.body, /^is_up \+Inf$/m);
  assert.match(text.body, /^took_seconds_bucket\{le="2"\} 1$/m);
  const open = await registry.print('openmetrics');
  assert.match(open.body, /^# TYPE calls counter\ncalls_total\{/m);
  assert.match(open.body, /^took_seconds_bucket\{le="2\.0"\} 1$/m);
  assert.match(open.body, /# EOF\n$/);
  assert.equal((await registry.print('text')).body, text.body, 'printing changes nothing');
  const lint = spawnSync('promtool', ['check', 'metrics'], { input: text.body, encoding: 'utf8' });
  assert.equal(lint.error, undefined, 'promtool comes with the prometheus package');
  assert.equal(lint.status, 0, lint.stderr + lint.stdout);
});

test('one name cannot be declared twice', () => {
  const registry = createMetricRegistry();
  registry.declare({ a: gauge('a', 'A.') });
  assert.throws(() => registry.declare({ b: gauge('a', 'A.') }), /already been registered/);
});

test('the format follows the Accept header with its qualities', () => {
  const f = (accept: string | undefined, want: string): void =>
    assert.equal(chooseFormat(accept), want, accept);
  f(undefined, 'text');
  f('*/*', 'text');
  f('application/openmetrics-text', 'openmetrics');
  f('application/openmetrics-text; version=9.0.0, text/plain', 'text');
  f(
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
  );
  f('application/openmetrics-text;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.5', 'text');
  f('application/vnd.google.protobuf;q=0.7,text/plain;q=0.3', 'text');
});

test('readiness is told, listened to and exported', async () => {
  const registry = createMetricRegistry();
  const readiness = createReadiness(registry, 'sidecar');
  const seen: boolean[] = [];
  const stop = readiness.onChange((isReady) => seen.push(isReady));
  assert.equal(readiness.reason, 'starting');
  readiness.setReady();
  readiness.setReady();
  assert.match(
    (await registry.print('text')).body,
    /thanos_status\{component="sidecar",check="ready"\} 1/,
  );
  readiness.setNotReady('stopping');
  stop();
  readiness.setReady();
  assert.deepEqual(seen, [true, false]);
});

test('a process is described under the names of the Go runtime too', async () => {
  const registry = createMetricRegistry();
  const build = { version: '1.2.3', revision: 'abc', branch: 'main' };
  using _observer = observeProcess(registry, build, realFileSystem);
  const { body } = await registry.print('text');
  for (const name of [
    'thanos_build_info',
    'go_goroutines',
    'go_memstats_alloc_bytes',
    'go_memstats_alloc_bytes_total',
    'go_memstats_heap_inuse_bytes',
    'go_memstats_stack_inuse_bytes',
    'go_gc_duration_seconds_count',
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'process_open_fds',
    'process_start_time_seconds',
    'nodejs_eventloop_lag_seconds',
  ]) {
    assert.match(body, new RegExp(`^${name}[ {]`, 'm'), name);
  }
});
