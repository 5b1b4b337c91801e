/** Opens the bucket that a configuration describes. */
import { isAbsolute, join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Random } from '../base/random.ts';
import type { Bucket } from './bucket.ts';
import type { BucketConfig } from './bucket-config.ts';
import { openFilesystemBucket } from './filesystem-bucket.ts';
import { prefixedBucket } from './prefixed-bucket.ts';

export interface BucketParts {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  /** What relative paths of the configuration are below. */
  readonly workingDirectory: string;
}

/** Throws OperationError when it cannot be made ready; a bucket that is away shows with the first call. */
export async function openBucket(config: BucketConfig, parts: BucketParts): Promise<Bucket> {
  const { directory } = config.provider;
  const path = isAbsolute(directory) ? directory : join(parts.workingDirectory, directory);
  return prefixedBucket(openFilesystemBucket({ ...parts, directory: path }), config.prefix);
}
