/** `tsanos/tsdb`: TSDB blocks as a library. */
export { Kernel } from '../base/kernel.ts';
export type { Labels } from '../model/labels.ts';
export type { Matcher } from '../model/matcher.ts';
export type { SampleColumns } from '../model/sample.ts';
export type { Queryable, SelectRequest, SeriesSet } from '../storage/queryable.ts';
export { type Blocks, openBlocks } from './blocks.ts';
export { type Db, type DbParts, openDb } from './db.ts';
export { type DbOptions, DEFAULT_DB_OPTIONS, longestBlockMs } from './db-options.ts';
