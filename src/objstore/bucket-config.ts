/** What a bucket is opened from. The YAML of objstore.yml is read elsewhere (config/). */

export interface FilesystemConfig {
  readonly kind: 'FILESYSTEM';
  readonly directory: string;
}

export type ProviderConfig = FilesystemConfig;

export interface BucketConfig {
  readonly provider: ProviderConfig;
  /** What every object's name begins with in the bucket; '' for none. */
  readonly prefix: string;
}
