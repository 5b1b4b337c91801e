/** Puts the cache that a configuration describes before a bucket. */
import loadXxhash from 'xxhash-wasm';
import { type CacheParts, openCache } from '../cache/open-cache.ts';
import type { Bucket } from './bucket.ts';
import { cachingBucket } from './caching-bucket.ts';
import type { CachingConfig } from './caching-config.ts';
import type { CachingMetrics } from './caching-metrics.ts';

export interface CachingBucketParts extends Omit<CacheParts, 'name'> {
  /** Of declareCachingMetrics. */
  readonly caching: CachingMetrics;
}

/** Closing it closes the bucket. */
export async function openCachingBucket(
  bucket: Bucket,
  config: CachingConfig,
  parts: CachingBucketParts,
): Promise<Bucket> {
  const { h64 } = await loadXxhash();
  const cache = await openCache(config.cache, { ...parts, name: 'caching-bucket' });
  const { clock, caching } = parts;
  const hash = h64(config.identity).toString();
  return cachingBucket(bucket, config, { cache, clock, metrics: caching, hash });
}
