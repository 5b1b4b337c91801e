import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { DiscoveryConfig } from '../discovery/discovery-config.ts';
import type { TargetGroup } from '../discovery/target-group.ts';
import { labelsOf } from '../model/labels.ts';
import { type Job, type JobPool, JobSet } from './job-set.ts';

const group = (source: string, ...ports: readonly number[]): TargetGroup => ({
  source,
  labels: [],
  targets: ports.map((port) => labelsOf({ __address__: `h:${port}` })),
});

const fixed = (...groups: readonly TargetGroup[]): DiscoveryConfig => ({ kind: 'static', groups });
const file = (path: string): DiscoveryConfig => ({
  kind: 'file',
  files: [path],
  refreshIntervalMs: 1000,
});

/** Logs what pools are told: `name ports`, and gives the ends of discoveries to the test. */
class Bench {
  readonly log: string[] = [];
  readonly told: string[] = [];
  readonly found = new Map<string, (groups: readonly TargetGroup[]) => void>();
  readonly #timers: (() => void)[] = [];
  readonly jobs: JobSet<string, JobPool<string>>;

  constructor() {
    const clock: Clock = {
      nowMs: () => 0,
      monotonicMs: () => 0,
      sleep: async () => undefined,
      after: (_delayMs, callback) => {
        this.#timers.push(callback);
        return () => undefined;
      },
    };
    this.jobs = new JobSet({
      clock,
      syncIntervalMs: 5000,
      onFound: () => this.told.push('found'),
      onSync: (name, groups) => this.told.push(`${name} ${groups?.length ?? 'gone'}`),
      createPool: ({ name, settings }) => {
        this.log.push(`${name} created ${settings}`);
        return {
          reload: async (next) => {
            if (next === 'bad') throw new OperationError('bad-data', 'no client');
            this.log.push(`${name} reloaded ${next}`);
          },
          sync: async (groups) => {
            const targets = groups.flatMap((one) => one.targets.map(([, address]) => address));
            this.log.push([name, ...targets].join(' '));
          },
          stop: async ({ withStaleMarkers }) => {
            this.log.push(`${name} stopped${withStaleMarkers ? ', stale' : ''}`);
          },
        };
      },
      discover: (config, _name, signal, onGroups) => {
        assert.ok(config.kind === 'file');
        const path = config.files.join();
        this.found.set(path, onGroups);
        return new Promise((resolve) =>
          signal.addEventListener('abort', () => {
            this.log.push(`${path} ended`);
            resolve();
          }),
        );
      },
    });
  }

  async apply(...jobs: readonly Job<string>[]): Promise<readonly string[]> {
    await this.jobs.apply(jobs);
    return this.log.splice(0);
  }

  async find(path: string, ...groups: readonly TargetGroup[]): Promise<readonly string[]> {
    this.found.get(path)?.(groups);
    await new Promise(setImmediate);
    return this.log.splice(0);
  }

  async tick(): Promise<readonly string[]> {
    this.#timers.shift()?.();
    await new Promise(setImmediate);
    return this.log.splice(0);
  }
}

test('a reload starts what is new, stops what is gone and leaves the rest alone', async () => {
  const bench = new Bench();
  const a = { name: 'a', settings: '1', discoveries: [fixed(group('0', 1, 2))] };
  const b = { name: 'b', settings: '1', discoveries: [file('x'), file('y')] };
  assert.deepEqual(await bench.apply(a, b), ['a created 1', 'b created 1', 'a h:1 h:2', 'b']);
  assert.deepEqual(await bench.find('x', group('x', 7)), ['b h:7']);
  const changed = { ...b, settings: '2', discoveries: [file('x'), file('z')] };
  assert.deepEqual(await bench.apply(changed), [
    'b reloaded 2',
    'a stopped, stale',
    'y ended',
    'b h:7',
  ]);
  assert.equal(bench.jobs.pools.length, 1);
  await bench.jobs.stop();
  assert.deepEqual(bench.log, ['x ended', 'z ended', 'b stopped']);
});

test('changes of targets are taken over at once, then at most once in an interval', async () => {
  const bench = new Bench();
  await bench.apply({ name: 'a', settings: '', discoveries: [file('x')] });
  assert.deepEqual(await bench.find('x', group('1', 1)), ['a h:1']);
  assert.deepEqual(await bench.find('x', group('1', 2)), []);
  assert.deepEqual(await bench.find('x', group('2', 3)), []);
  assert.deepEqual(await bench.tick(), ['a h:2 h:3']);
  assert.deepEqual(await bench.find('x', group('1')), []);
  assert.deepEqual(await bench.tick(), ['a h:3']);
  assert.deepEqual(await bench.tick(), []);
  assert.deepEqual(await bench.find('x', group('2', 4)), ['a h:4']);
});

test('a pool that cannot act on new settings keeps the old ones', async () => {
  const bench = new Bench();
  const job = (name: string, settings: string): Job<string> => ({
    name,
    settings,
    discoveries: [],
  });
  await bench.apply(job('a', '1'), job('b', '1'));
  await assert.rejects(bench.apply(job('a', 'bad'), job('b', '2')), { message: 'no client' });
  assert.deepEqual(bench.log.splice(0), ['b reloaded 2', 'b']);
  assert.deepEqual(await bench.apply(job('a', '2'), job('b', '2')), ['a reloaded 2', 'b', 'a']);
});

test('what a discovery finds after its end is not taken', async () => {
  const bench = new Bench();
  await bench.apply({ name: 'a', settings: '', discoveries: [file('x')] });
  const late = bench.found.get('x');
  await bench.apply({ name: 'a', settings: '', discoveries: [] });
  late?.([group('x', 9)]);
  assert.deepEqual(bench.log, []);
});

test('what is found and handed on can be counted', async () => {
  const bench = new Bench();
  await bench.apply({ name: 'a', settings: '', discoveries: [file('x'), fixed(group('0', 1))] });
  await bench.find('x', group('0', 2), group('1', 3));
  await bench.apply();
  assert.deepEqual(bench.told, ['a 1', 'found', 'a 3', 'a gone']);
});
