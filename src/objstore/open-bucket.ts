/** Opens the bucket that a configuration describes. What a provider needs is loaded only if it is the configured one. */
import { isAbsolute, join } from 'node:path';
import { unreachable } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Random } from '../base/random.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type Environment, proxyChooser } from '../transport/choose-proxy.ts';
import { defaultProxySettings } from '../transport/client-settings.ts';
import type { HttpClientConfig } from '../transport/http-config.ts';
import type { Bucket } from './bucket.ts';
import type { BucketConfig, ProviderConfig } from './bucket-config.ts';
import { openFilesystemBucket } from './filesystem-bucket.ts';
import { prefixedBucket } from './prefixed-bucket.ts';
import { type RetryPolicy, USUAL_RETRIES } from './retry.ts';

export interface BucketParts {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** For proxies, and for keys that the configuration leaves to the environment. */
  readonly environment: Environment;
  /** What relative paths of the configuration are below. */
  readonly workingDirectory: string;
}

/** Throws OperationError when it cannot be made ready; a bucket that is away shows with the first call. */
export async function openBucket(config: BucketConfig, parts: BucketParts): Promise<Bucket> {
  return prefixedBucket(await openProvider(config.provider, parts), config.prefix);
}

async function openProvider(config: ProviderConfig, parts: BucketParts): Promise<Bucket> {
  switch (config.kind) {
    case 'FILESYSTEM': {
      const { directory } = config;
      const path = isAbsolute(directory) ? directory : join(parts.workingDirectory, directory);
      return openFilesystemBucket({ ...parts, directory: path });
    }
    case 'S3': {
      const { openS3Bucket } = await import('./s3/s3-bucket.ts');
      const origin = `${config.insecure ? 'http' : 'https'}://${config.endpoint}`;
      const http = throughProxy(config.http, origin, parts.environment);
      return openS3Bucket({ ...config, http }, { ...parts, retries: retriesOf(config, parts) });
    }
    case 'GCS':
    case 'AZURE':
      throw new OperationError('bad-data', `cannot open a bucket of type ${config.kind} yet`);
    default:
      return unreachable(config);
  }
}

/** By HTTPS_PROXY and its kin, as Thanos does. */
function throughProxy(
  http: HttpClientConfig,
  origin: string,
  environment: Environment,
): HttpClientConfig {
  const chooseProxy = proxyChooser({ ...defaultProxySettings, fromEnvironment: true }, environment);
  return { ...http, proxyUrl: chooseProxy(new URL(origin)) };
}

function retriesOf(
  { retries }: { readonly retries: number | undefined },
  { clock, random }: BucketParts,
): RetryPolicy {
  return { clock, random, retries: retries ?? USUAL_RETRIES };
}
