import { strict as assert } from 'node:assert';
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { crc32c } from '@node-rs/crc32';
import { seededRandom } from '../base/random.ts';
import { testKernel } from '../base/testing/kernel.ts';
import type { Matcher } from '../model/matcher.ts';
import { realFileSystem } from '../world/file-system.ts';
import { openBlocks } from './blocks.ts';
import { IndexReader } from './index/index-reader.ts';
import { PageCache } from './page-cache.ts';
import { dump, NO_HINTS } from './testing/dump.ts';
import { openMetrics, START_MS } from './testing/open-metrics.ts';
import {
  createBlocks,
  dumpBlocks,
  hasPromtool,
  ScratchDirectory,
} from './testing/promtool-blocks.ts';

const skip = hasPromtool() ? false : 'promtool is not on the PATH';
const signal = new AbortController().signal;
const HOUR_MS = 3_600_000;

describe('blocks made by promtool', { skip }, () => {
  let scratch: ScratchDirectory;
  let directory = '';
  before(() => {
    scratch = new ScratchDirectory();
    directory = scratch.path;
    createBlocks(directory, openMetrics());
  });
  after(() => scratch[Symbol.dispose]());

  test('every sample of blocks made by promtool is what promtool dumps', async () => {
    using blocks = openBlocks(realFileSystem, directory);
    assert.ok(blocks.blocks.length >= 3);
    const ours = await dump(blocks, testKernel());
    assert.ok(ours.length > 90_000);
    assert.deepEqual(ours.toSorted(), dumpBlocks(directory).toSorted());
  });

  test('matchers select what they say, limits and shards cut as asked', async () => {
    using blocks = openBlocks(realFileSystem, directory);
    const select = async (texts: readonly string[], more = {}): Promise<string[]> => {
      const matchers = texts.map((text): Matcher => {
        const [, name = '', type = '=', value = ''] = /^(\w+)(=~|!~|!=|=)(.*)$/.exec(text) ?? [];
        return { type: type as Matcher['type'], name, value };
      });
      const request = { matchers, minTime: START_MS, maxTime: START_MS + 5 * HOUR_MS };
      const hints = { ...NO_HINTS, ...more };
      using set = await blocks.select({ ...request, hints }, { signal });
      const found: string[] = [];
      while (set.next()) found.push(set.labels.filter((_, i) => i % 2 === 1).join(' '));
      return found;
    };
    const f = async (texts: readonly string[], want: readonly string[]): Promise<void> => {
      assert.deepEqual(await select(texts), want, texts.join());
    };
    const api = ['requests_total 200 api', 'requests_total 404 api', 'requests_total 500 api'];
    await f(['__name__=requests_total', 'job=api'], api);
    await f(['job=~a.*'], api);
    await f(['job=~db-[12]', 'code=404'], ['requests_total 404 db-1', 'requests_total 404 db-2']);
    await f(['job!~db.*|web', 'code!=200', '__name__=~req.+'], api.slice(1));
    await f(
      ['job=~api|', 'code=~404|'],
      ['requests_total 404 api', ...(await select(['job=']))].sort(),
    );
    await f(['code=404', 'room!='], []);
    await f(
      ['code=404', 'nothing=', 'job!=', 'job!=web', 'job!~.*-.*'],
      ['requests_total 404 api'],
    );
    await f(['__name__=absent'], []);
    assert.equal((await select(['__name__=heat', 'empty='])).length, 70);
    assert.deepEqual(await select(['job=api'], { limit: 2 }), api.slice(0, 2));
    const shards = await Promise.all(
      [0, 1, 2].map((index) => select(['__name__=heat'], { shard: { index, count: 3 } })),
    );
    assert.deepEqual(
      shards.map(({ length }) => length),
      [24, 23, 23],
    );
    assert.deepEqual(shards.flat().sort(), (await select(['__name__=heat'])).sort());
    await assert.rejects(select(['job=~(']), /error parsing regexp: missing closing \)/);
  });

  test('label names and values are sorted, unique and obey matchers', async () => {
    using blocks = openBlocks(realFileSystem, directory);
    const range = { minTime: START_MS, maxTime: START_MS + 5 * HOUR_MS, limit: 0 };
    const names = async (...matchers: Matcher[]): Promise<readonly string[]> =>
      (await blocks.labelNames({ ...range, matchers }, { signal })).values;
    const values = async (name: string, ...matchers: Matcher[]): Promise<readonly string[]> =>
      (await blocks.labelValues(name, { ...range, matchers }, { signal })).values;
    assert.deepEqual(await names(), ['__name__', 'code', 'job', 'room', 'unit']);
    assert.deepEqual(await names({ type: '=', name: 'job', value: 'api' }), [
      '__name__',
      'code',
      'job',
    ]);
    assert.deepEqual(await values('job'), ['api', 'db-1', 'db-2', 'web']);
    assert.deepEqual(await values('job', { type: '=~', name: 'job', value: 'db.*' }), [
      'db-1',
      'db-2',
    ]);
    assert.deepEqual(await values('job', { type: '=', name: 'code', value: '404' }), [
      'api',
      'db-1',
      'db-2',
      'web',
    ]);
    assert.deepEqual(await values('code', { type: '=', name: '__name__', value: 'heat' }), []);
    assert.equal((await values('room')).length, 70);
  });

  test('a range reads only the chunks that overlap it', async () => {
    using blocks = openBlocks(realFileSystem, directory);
    const range = { minTime: START_MS + 1.9 * HOUR_MS, maxTime: START_MS + 2.1 * HOUR_MS };
    const ours = await dump(blocks, testKernel(), range);
    const theirs = dumpBlocks(directory).filter((line) => {
      const time = Number(line.slice(line.lastIndexOf(' ') + 1));
      return time >= range.minTime && time <= range.maxTime;
    });
    assert.ok(theirs.length > 1000);
    assert.deepEqual(ours.toSorted(), theirs.toSorted());
  });
});

test('overlapping blocks are merged and deletions left out, as promtool does', {
  skip,
}, async () => {
  using scratch = new ScratchDirectory();
  const lines = (start: number, names: readonly string[]): string => {
    const gauges = names.map((name) => {
      const samples = Array.from({ length: 300 }, (_, i) => {
        const seconds = START_MS / 1000 + start + i * 15;
        return `${name}{job="a"} ${seconds % 977} ${seconds}\n`;
      });
      return `# TYPE ${name} gauge\n${samples.join('')}`;
    });
    return `${gauges.join('')}# EOF\n`;
  };
  createBlocks(scratch.path, lines(0, ['both', 'early', 'gone']));
  createBlocks(scratch.path, lines(607, ['both', 'late']));
  createBlocks(scratch.path, lines(3000, ['both', 'late']));
  const first = readdirSync(scratch.path).find((name) => name.length === 26) ?? '';
  deleteSeries(`${scratch.path}/${first}`, [
    [1, START_MS + 60_000, START_MS + 120_000],
    [1, START_MS + 121_000, START_MS + 240_000],
    [3, 0, START_MS + 1e9],
  ]);
  const theirs = dumpBlocks(scratch.path).toSorted();
  using blocks = openBlocks(realFileSystem, scratch.path);
  assert.ok(theirs.length > 1300 && theirs.length < 2100);
  assert.deepEqual((await dump(blocks, testKernel())).toSorted(), theirs);
});

/** Writes tombstones for the series of those numbers, in the order of the index. */
function deleteSeries(block: string, deleted: readonly (readonly number[])[]): void {
  const file = realFileSystem.open(`${block}/index`);
  using index = new IndexReader(file, new PageCache(1 << 20));
  const references = [...index.allPostings()];
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
  const entries = Buffer.from(
    deleted.flatMap(([number = 0, minTime = 0, maxTime = 0]) => [
      ...varint(references[number - 1] as number),
      ...varint(2 * minTime),
      ...varint(2 * maxTime),
    ]),
  );
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32c(entries));
  const head = Buffer.from('0130ba3001', 'hex');
  writeFileSync(`${block}/tombstones`, Buffer.concat([head, entries, crc]));
}

test('what is kept from earlier reads is what is read again', { skip }, async () => {
  using scratch = new ScratchDirectory();
  createBlocks(scratch.path, openMetrics());
  using cached = openBlocks(realFileSystem, scratch.path, { cacheBytes: 1 << 20 });
  using plain = openBlocks(realFileSystem, scratch.path, { cacheBytes: 0 });
  const kernel = testKernel();
  const random = seededRandom(3);
  for (let i = 0; i < 60; i++) {
    const minTime = START_MS + Math.floor(random.next() * 5) * HOUR_MS;
    const maxTime = minTime + Math.floor(random.next() ** 3 * 4 * HOUR_MS);
    const name = ['requests_total', 'heat', 'odd'][i % 3] as string;
    const matchers = [{ type: '=', name: '__name__', value: name }] as const;
    const range = { minTime, maxTime, matchers };
    assert.deepEqual(await dump(cached, kernel, range), await dump(plain, kernel, range));
  }
});

const FIXTURES = '../shared/conformance/blocks';

test('a block with an index of version 1 opens and every series decodes', {
  skip: existsSync(FIXTURES) ? false : `${FIXTURES} is absent`,
}, async () => {
  using scratch = new ScratchDirectory();
  const block = `${scratch.path}/01ARZ3NDEKTSV4RRFFQ69G5FAV`;
  cpSync(`${FIXTURES}/index_format_v1`, block, { recursive: true });
  using blocks = openBlocks(realFileSystem, scratch.path);
  const lines = await dump(blocks, testKernel(), {
    matchers: [{ type: '=', name: 'absent', value: '' }],
  });
  const labels = new Set(lines.map((line) => line.slice(0, line.indexOf('}'))));
  assert.equal(labels.size, 102);
  const range = { matchers: [], minTime: 0, maxTime: 7_200_000, limit: 0 };
  assert.deepEqual((await blocks.labelNames(range, { signal })).values, ['bar', 'foo']);
});
