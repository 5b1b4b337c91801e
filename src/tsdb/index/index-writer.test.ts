import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import { FaultyFiles } from '../../base/testing/faulty-files.ts';
import { testKernel } from '../../base/testing/kernel.ts';
import { compareLabels, type Labels, labelsOf, labelValue } from '../../model/labels.ts';
import { SeriesBuffer } from '../block/series-buffer.ts';
import { PageCache } from '../page-cache.ts';
import { modelSource } from '../testing/model-block.ts';
import { openIndex } from './index-reader.ts';
import { type IndexLimits, IndexWriter } from './index-writer.ts';

const kernel = testKernel();
/** With so many labels that a piece of the spool does not hold all. */
const SERIES = 9000;
const MORE = Object.fromEntries(Array.from({ length: 26 }, (_, i) => [`more${i}`, String(i)]));
const all: readonly Labels[] = Array.from({ length: SERIES }, (_, i) =>
  labelsOf({
    __name__: `m${i % 100}`,
    id: String(i),
    job: `j${i % 7}`,
    zone: i % 2 === 0 ? 'é' : '',
    ...MORE,
  }),
).sort(compareLabels);

function writeIndex(files: FaultyFiles, path: string, limits?: IndexLimits): Uint8Array {
  const source = modelSource(all.map((labels) => ({ labels, samples: new Map([[1, 2]]) })));
  {
    using writer = new IndexWriter(files, path, kernel, limits);
    const series = new SeriesBuffer(kernel);
    for (const _ of writer.symbols(() => source.symbols()));
    for (series.begin(); source.next(series); series.begin()) writer.series(series);
    for (const _ of writer.finish());
  }
  return files.readFile(path);
}

test('an index is the same however little memory it is made in', () => {
  const files = new FaultyFiles(seededRandom(1));
  files.makeDirectory('data');
  const plain = Buffer.from(writeIndex(files, 'data/plain'));
  const thrifty = writeIndex(files, 'data/thrifty', { batchReferences: 50_000, spoolPieces: 0 });
  assert.ok(plain.equals(thrifty));
  assert.deepEqual(files.list('data'), ['plain', 'thrifty'], 'nothing else is left');
});

test('an index gives the series of each label back', () => {
  const files = new FaultyFiles(seededRandom(1));
  files.makeDirectory('data');
  writeIndex(files, 'data/index', { batchReferences: 50_000, spoolPieces: 0 });
  using index = openIndex(files, 'data/index', new PageCache(1 << 24));
  const labelsIn = (name: string, value: string): Labels[] =>
    [...index.postings(name, value)].map((reference) => index.series(reference));
  const want = (name: string, value: string): Labels[] =>
    all.filter((labels) => labelValue(labels, name) === value);
  assert.equal(index.allPostings().length, SERIES);
  assert.deepEqual(labelsIn('__name__', 'm42'), want('__name__', 'm42'));
  assert.deepEqual(labelsIn('id', '8999'), want('id', '8999'));
  assert.equal(labelsIn('zone', 'é').length, SERIES / 2);
  assert.deepEqual(index.labelNames(), [
    '__name__',
    'id',
    'job',
    ...Object.keys(MORE).sort(),
    'zone',
  ]);
  assert.equal(index.labelValues('id').length, SERIES);
});
