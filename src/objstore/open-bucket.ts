/** Opens the bucket that a configuration describes. What a provider needs is loaded only if it is the configured one. */
import { isAbsolute, join } from 'node:path';
import { unreachable } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Random } from '../base/random.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type Environment, proxyChooser } from '../transport/choose-proxy.ts';
import { defaultProxySettings } from '../transport/client-settings.ts';
import type { HttpClientConfig } from '../transport/http-config.ts';
import { boundedBucket } from './bounded-bucket.ts';
import type { Bucket } from './bucket.ts';
import type { BucketConfig, ProviderConfig } from './bucket-config.ts';
import { openFilesystemBucket } from './filesystem-bucket.ts';
import { hedgedBucket } from './hedged-bucket.ts';
import { type BucketMetrics, instrumentedBucket } from './instrumented-bucket.ts';
import { prefixedBucket } from './prefixed-bucket.ts';
import { type RetryPolicy, USUAL_RETRIES } from './retry.ts';
import { retryingBucket } from './retrying-bucket.ts';

export interface BucketParts {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Of declareBucketMetrics. */
  readonly metrics: BucketMetrics;
  /** For proxies, and for keys that the configuration leaves to the environment. */
  readonly environment: Environment;
  /** What relative paths of the configuration are below. */
  readonly workingDirectory: string;
}

/** Of one bucket; more wait. As many as Thanos keeps connections. */
const CALLS_MAX = 100;

/** Throws OperationError when it cannot be made ready; a bucket that is away shows with the first call. */
export async function openBucket(config: BucketConfig, parts: BucketParts): Promise<Bucket> {
  const { hedging, prefix } = config;
  const { clock, metrics } = parts;
  const provider = withAbsolutePath(config.provider, parts.workingDirectory);
  let bucket = await openProvider(provider, parts);
  bucket = retryingBucket(bucket, retriesOf(provider, parts));
  if (hedging !== undefined) bucket = hedgedBucket(bucket, hedging, clock);
  bucket = boundedBucket(bucket, CALLS_MAX);
  bucket = instrumentedBucket(bucket, { metrics, label: labelOf(provider), clock });
  return prefixedBucket(bucket, prefix);
}

function withAbsolutePath(config: ProviderConfig, workingDirectory: string): ProviderConfig {
  if (config.kind !== 'FILESYSTEM' || isAbsolute(config.directory)) return config;
  return { ...config, directory: join(workingDirectory, config.directory) };
}

/** What Thanos calls the bucket in metrics. */
function labelOf(provider: ProviderConfig): string {
  if (provider.kind === 'FILESYSTEM') return `fs: ${provider.directory}`;
  return provider.kind === 'AZURE' ? provider.container : provider.bucket;
}

async function openProvider(config: ProviderConfig, parts: BucketParts): Promise<Bucket> {
  switch (config.kind) {
    case 'FILESYSTEM':
      return openFilesystemBucket({ ...parts, directory: config.directory });
    case 'S3': {
      const { openS3Bucket } = await import('./s3/s3-bucket.ts');
      const origin = `${config.insecure ? 'http' : 'https'}://${config.endpoint}`;
      const http = throughProxy(config.http, origin, parts.environment);
      return openS3Bucket({ ...config, http }, { ...parts, retries: retriesOf(config, parts) });
    }
    case 'AZURE': {
      const { openAzureBucket } = await import('./azure/azure-bucket.ts');
      const origin = `https://${config.account}.${config.endpoint}`;
      const http = throughProxy(config.http, origin, parts.environment);
      return openAzureBucket({ ...config, http }, { ...parts, retries: retriesOf(config, parts) });
    }
    case 'GCS': {
      const { openGcsBucket } = await import('./gcs/gcs-bucket.ts');
      const endpoint = parts.environment.STORAGE_EMULATOR_HOST;
      const origin = endpoint ?? 'https://storage.googleapis.com';
      const http = throughProxy(config.http, origin, parts.environment);
      const retries = retriesOf(config, parts);
      return openGcsBucket({ ...config, http }, { ...parts, endpoint, retries });
    }
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

/** Files do not become readable by waiting: what fails there fails at once. */
function retriesOf(provider: ProviderConfig, { clock, random }: BucketParts): RetryPolicy {
  const retries = provider.kind === 'FILESYSTEM' ? 0 : (provider.retries ?? USUAL_RETRIES);
  if (provider.kind !== 'AZURE') return { clock, random, retries };
  const { retryDelayMs, retryDelayMaxMs } = provider;
  return {
    clock,
    random,
    retries,
    ...(retryDelayMs === 0 ? {} : { pauseMs: retryDelayMs }),
    ...(retryDelayMaxMs === 0 ? {} : { pauseMaxMs: retryDelayMaxMs }),
  };
}
