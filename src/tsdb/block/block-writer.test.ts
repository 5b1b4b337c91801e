import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OperationError } from '../../base/errors.ts';
import { seededRandom } from '../../base/random.ts';
import { FaultyFiles } from '../../base/testing/faulty-files.ts';
import { testKernel } from '../../base/testing/kernel.ts';
import { makeUlid } from '../../base/ulid.ts';
import { MergedBlocks } from '../compact/merged-blocks.ts';
import { readGoldenBlocks, unpackGolden } from '../testing/golden-blocks.ts';
import { modelMeta, writeModelBlock } from '../testing/model-block.ts';
import { writeBlock } from './block-writer.ts';
import { readBlockMeta, writeBlockMeta } from './meta.ts';

const random = seededRandom(3);

for (const golden of readGoldenBlocks()) {
  test(`a block is written to the byte as Prometheus does: ${golden.name}`, () => {
    const files = new FaultyFiles(random);
    const [ulid = ''] = unpackGolden(files, 'data', golden);
    files.remove(`data/${ulid}/tombstones`);
    const meta = readBlockMeta(files, `data/${ulid}`);
    const range = { minTime: meta.minTime, maxTime: meta.maxTime - 1 };
    const kernel = testKernel();
    using source = new MergedBlocks({ files, directories: [`data/${ulid}`], kernel, range });
    files.makeDirectory('copy');
    for (const _ of writeBlock({ files, directory: 'copy', source, meta, kernel }));
    assert.deepEqual(files.list('copy'), [ulid]);
    for (const name of ['index', 'chunks/000001']) {
      const copy = Buffer.from(files.readFile(`copy/${ulid}/${name}`));
      assert.ok(copy.equals(files.readFile(`data/${ulid}/${name}`)), name);
    }
    const { stats } = meta;
    assert.deepEqual(readBlockMeta(files, `copy/${ulid}`).stats, { ...stats, numTombstones: 0 });
  });
}

test('members of meta.json that nobody here knows survive', () => {
  const files = new FaultyFiles(random);
  const text =
    '{"ulid":"01M86DRXAN3QKEWVQDHA8AGHMK","minTime":0,"maxTime":10,"stats":{"numSeries":3},' +
    '"compaction":{"level":2,"sources":["A"],"failed":true,"later":1},"version":1,' +
    '"thanos":{"labels":{"replica":"a"},"downsample":{"resolution":0},"source":"sidecar"}}';
  files.makeDirectory('block');
  files.append('block/meta.json', Buffer.from(text));
  const meta = readBlockMeta(files, 'block');
  const compaction = { ...meta.compaction, failed: false, deletable: true };
  writeBlockMeta(files, 'block', { ...meta, compaction });
  const written = new TextDecoder().decode(files.readFile('block/meta.json'));
  assert.deepEqual(JSON.parse(written), {
    ulid: '01M86DRXAN3QKEWVQDHA8AGHMK',
    minTime: 0,
    maxTime: 10,
    stats: { numSeries: 3 },
    compaction: { level: 2, sources: ['A'], deletable: true, later: 1 },
    version: 1,
    thanos: { labels: { replica: 'a' }, downsample: { resolution: 0 }, source: 'sidecar' },
  });
  assert.match(written, /^\{\n\t"ulid"/);
});

test('a disk that gets full leaves no part of a block', () => {
  const files = new FaultyFiles(random);
  const samples = new Map(Array.from({ length: 500 }, (_, i) => [i * 1000, i]));
  const series = Array.from({ length: 50 }, (_, i) => ({ labels: ['a', String(i)], samples }));
  const ulid = makeUlid(1, random);
  files.makeDirectory('data');
  files.capacityBytes = 20_000;
  assert.throws(
    () => writeModelBlock(files, 'data', modelMeta(ulid, 0, 500_000), series),
    OperationError,
  );
  assert.deepEqual(files.list('data'), []);
});

test('a block without samples is not written', () => {
  const files = new FaultyFiles(random);
  files.makeDirectory('data');
  assert.equal(writeModelBlock(files, 'data', modelMeta(makeUlid(1, random), 0, 1), []), undefined);
  assert.deepEqual(files.list('data'), []);
});

test('ULIDs are of their time', () => {
  // The example of the specification: 2016-07-30T22:36:16.385Z.
  assert.match(makeUlid(1469918176385, random), /^01ARYZ6S41[0-9A-HJKMNP-TV-Z]{16}$/);
});
