/** Thanos' `--store.caching-bucket.config`: a cache, and what of a bucket it keeps for how long, with its defaults. */
import { parseYaml } from '../base/yaml.ts';
import { type CacheConfig, readCacheConfig } from '../cache/cache-config.ts';
import { bytesOf, durationOf } from '../model/yaml-fields.ts';

export interface CachingConfig {
  readonly cache: CacheConfig;
  /** Chunk files are kept in pieces of this size. */
  readonly subrangeBytes: number;
  /** Requests that one range may become; 0 or less for any number. */
  readonly rangeRequestsMax: number;
  /** Larger meta files are not kept. */
  readonly metaBytesMax: number;
  readonly ttlMs: CachingTimes;
  /** Tells this configuration from others on the same servers. */
  readonly identity: string;
}

export interface CachingTimes {
  readonly attributes: number;
  readonly subrange: number;
  readonly blocksList: number;
  readonly metaExists: number;
  readonly metaAbsent: number;
  readonly metaContent: number;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** No chunk of a series is larger. */
const SUBRANGE_BYTES = 16_000;

/** `where` names the document in errors. Throws OperationError 'bad-data' with the place of what is wrong. */
export function parseCachingConfig(text: string, where: string): CachingConfig {
  const document = parseYaml(text, where);
  const given = document.fields(
    'type',
    'config',
    'chunk_subrange_size',
    'max_chunks_get_range_requests',
    'metafile_max_size',
    'chunk_object_attrs_ttl',
    'chunk_subrange_ttl',
    'blocks_iter_ttl',
    'metafile_exists_ttl',
    'metafile_doesnt_exist_ttl',
    'metafile_content_ttl',
  );
  if (given.type === undefined) throw document.fault('has no type of a cache');
  const subrangeBytes = bytesOf(given.chunk_subrange_size, SUBRANGE_BYTES);
  if (subrangeBytes === 0) throw given.chunk_subrange_size?.fault('is not above 0');
  return {
    cache: readCacheConfig(given.type, given.config),
    subrangeBytes,
    rangeRequestsMax: given.max_chunks_get_range_requests?.number() ?? 3,
    metaBytesMax: bytesOf(given.metafile_max_size, 1024 * 1024),
    ttlMs: {
      attributes: durationOf(given.chunk_object_attrs_ttl, 24 * HOUR_MS),
      subrange: durationOf(given.chunk_subrange_ttl, 24 * HOUR_MS),
      blocksList: durationOf(given.blocks_iter_ttl, 5 * MINUTE_MS),
      metaExists: durationOf(given.metafile_exists_ttl, 2 * HOUR_MS),
      metaAbsent: durationOf(given.metafile_doesnt_exist_ttl, 15 * MINUTE_MS),
      metaContent: durationOf(given.metafile_content_ttl, 24 * HOUR_MS),
    },
    identity: text + where,
  };
}
