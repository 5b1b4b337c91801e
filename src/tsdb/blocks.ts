/** All blocks of a directory as one storage. */
import { OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import { isUlid } from '../base/ulid.ts';
import { compareText } from '../model/labels.ts';
import { type CompiledMatcher, compileMatcher } from '../model/matcher.ts';
import { mergeTexts } from '../model/merge-texts.ts';
import {
  compareTimes,
  type LabelsRequest,
  type LabelsResult,
  type Queryable,
  type SelectHints,
  type SelectOptions,
  type SelectRequest,
} from '../storage/queryable.ts';
import { type Block, type BlockCaches, ofBlock, openBlock, overlaps } from './block/block.ts';
import { BlockSeries } from './block/block-series.ts';
import { BlockSeriesSet } from './block/block-series-set.ts';
import { ColumnCache } from './block/column-cache.ts';
import { postingsForMatchers } from './block/postings-for-matchers.ts';
import { ReadCache } from './block/read-cache.ts';
import type { Postings } from './index/postings.ts';
import { PageCache } from './page-cache.ts';

/** What all blocks of a directory keep in memory when nothing else is said. */
const CACHE_BYTES = 320 << 20;
/** Of it for decoded samples and for the bytes of short reads; the rest is for pages of index files. */
const COLUMN_CACHE_SHARE = 0.75;
const READ_CACHE_SHARE = 0.05;

export interface Blocks extends Queryable, Disposable {
  /** By their times. */
  readonly blocks: readonly Block[];
}

export interface BlocksOptions {
  /** Bytes of decoded samples, index pages and chunks kept in memory; 0 keeps a few pages. */
  readonly cacheBytes?: number;
}

/**
 * Opens the blocks of a directory, such as a Prometheus server's data directory; what is not named like a block is
 * left alone. Throws OperationError for a block that cannot be read: leaving one out would be a wrong answer.
 */
export function openBlocks(
  files: FileSystem,
  directory: string,
  { cacheBytes = CACHE_BYTES }: BlocksOptions = {},
): Blocks {
  const names = files.list(directory).filter(isUlid);
  const { columns, ...caches } = createStorageCaches(cacheBytes);
  using opened = new DisposableStack();
  const blocks = names.map((name) => opened.use(openBlock(files, `${directory}/${name}`, caches)));
  blocks.sort((a, b) => compareTimes(a.meta, b.meta));
  const held = opened.move();
  return {
    blocks,
    select: async (request, options) => selectSeries({ blocks, columns }, request, options),
    labelNames: async (request, options) => labelNamesOf(blocks, request, options),
    labelValues: async (name, request, options) => labelValuesOf(blocks, name, request, options),
    [Symbol.dispose]: () => held.dispose(),
  };
}

/** What all blocks of a directory keep in memory. */
export interface StorageCaches extends BlockCaches {
  readonly columns: ColumnCache;
}

export function createStorageCaches(cacheBytes: number): StorageCaches {
  const readBytes = Math.floor(cacheBytes * READ_CACHE_SHARE);
  return {
    columns: new ColumnCache(Math.floor(cacheBytes * COLUMN_CACHE_SHARE)),
    pages: new PageCache(cacheBytes * (1 - COLUMN_CACHE_SHARE) - readBytes),
    reads: new ReadCache(readBytes),
  };
}

export interface Selectable {
  readonly blocks: readonly Block[];
  readonly columns: ColumnCache;
}

/** Throws OperationError. */
export function selectSeries(
  { blocks, columns }: Selectable,
  { matchers, minTime, maxTime, hints }: SelectRequest,
  { signal, account }: SelectOptions,
): BlockSeriesSet {
  if (matchers.length === 0) {
    throw new OperationError('bad-data', 'cannot select series without any matcher');
  }
  columns.beginSelect();
  const compiled = matchers.map(compileMatcher);
  const found: { readonly block: Block; readonly postings: Postings }[] = [];
  for (const block of blocks) {
    if (!overlaps(block, minTime, maxTime)) continue;
    signal.throwIfAborted();
    const postings = ofBlock(block, () => postingsForMatchers(block.index, compiled));
    if (postings.length > 0) found.push({ block, postings });
  }
  const reading = { cache: columns, account };
  const [only] = found;
  if (found.length === 1 && only !== undefined) {
    const { shard, ...others } = hints;
    const { block, postings } = only;
    const part = shard === undefined ? postings : cutShard(postings, shard);
    return new BlockSeriesSet([new BlockSeries(block, part, minTime, maxTime)], others, reading);
  }
  const cursors = found.map(
    ({ block, postings }) => new BlockSeries(block, postings, minTime, maxTime),
  );
  return new BlockSeriesSet(cursors, hints, reading);
}

/** The parts of a shared query: of a single block they are cut before any series is read. */
function cutShard(
  postings: Postings,
  { index, count }: NonNullable<SelectHints['shard']>,
): Postings {
  return postings.filter((_, i) => i % count === index);
}

export function labelNamesOf(
  blocks: readonly Block[],
  request: LabelsRequest,
  options: SelectOptions,
): LabelsResult {
  return collect(blocks, request, options, namesOf);
}

export function labelValuesOf(
  blocks: readonly Block[],
  name: string,
  request: LabelsRequest,
  options: SelectOptions,
): LabelsResult {
  return collect(blocks, request, options, (block, matchers) => valuesOf(block, name, matchers));
}

/** Ascending, each once. */
type Collect = (block: Block, matchers: readonly CompiledMatcher[]) => readonly string[];

function collect(
  blocks: readonly Block[],
  request: LabelsRequest,
  { signal }: SelectOptions,
  of: Collect,
): LabelsResult {
  const { minTime, maxTime, limit } = request;
  const matchers = request.matchers.map(compileMatcher);
  const found: (readonly string[])[] = [];
  for (const block of blocks) {
    if (!overlaps(block, minTime, maxTime)) continue;
    signal.throwIfAborted();
    found.push(ofBlock(block, () => of(block, matchers)));
  }
  const values = mergeTexts(found);
  return { values: limit > 0 ? values.slice(0, limit) : values, warnings: [] };
}

function namesOf({ index }: Block, matchers: readonly CompiledMatcher[]): readonly string[] {
  if (matchers.length === 0) return index.labelNames();
  const names = new Set<string>();
  for (const reference of postingsForMatchers(index, matchers)) {
    const labels = index.series(reference);
    for (let i = 0; i < labels.length; i += 2) names.add(labels[i] as string);
  }
  return [...names].sort(compareText);
}

function valuesOf(
  { index }: Block,
  name: string,
  matchers: readonly CompiledMatcher[],
): readonly string[] {
  if (matchers.length === 0) return index.labelValues(name);
  const [only] = matchers;
  if (matchers.length === 1 && only?.name === name && !only.matches('')) {
    return index.labelValues(name, only.negative ? '' : only.prefix, only.matches);
  }
  const postings = postingsForMatchers(index, matchers);
  if (postings.length === 0) return [];
  const own = matchers.filter((matcher) => matcher.name === name);
  const isPossible = (value: string): boolean => own.every(({ matches }) => matches(value));
  return index.valuesOf(name, postings, isPossible);
}
