/**
 * Thanos' objstore YAML: `type`, `config`, `prefix`, and `hedging_config`, which its documentation knows. Every key of
 * the supported providers is read, with Thanos' default; any other is an error with its place. Source: thanos-io/objstore
 * client and providers.
 */
import { parseYaml, type YamlValue } from '../base/yaml.ts';
import { countOf, flagOf, neededText, textOf } from '../model/yaml-fields.ts';
import { type AzureConfig, readAzureConfig } from './azure/azure-config.ts';
import { type GcsConfig, readGcsConfig } from './gcs/gcs-config.ts';
import { readS3Config, type S3Config } from './s3/s3-config.ts';

export interface FilesystemConfig {
  readonly kind: 'FILESYSTEM';
  readonly directory: string;
}

export type ProviderConfig = FilesystemConfig | S3Config | GcsConfig | AzureConfig;

export interface BucketConfig {
  readonly provider: ProviderConfig;
  /** What every object's name begins with in the bucket; '' for none. */
  readonly prefix: string;
  readonly hedging: HedgingConfig | undefined;
}

/** When a read is slower than most, another one is sent and the first answer taken. */
export interface HedgingConfig {
  /** Attempts at once, the first among them. */
  readonly upTo: number;
  /** Slower than this part of the reads: 0.9. */
  readonly quantile: number;
}

/** What can be done instead, by the type that is not supported. */
const UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  ['SWIFT', 'use type S3 with the S3 API of the Swift proxy (s3api)'],
  ['COS', 'use type S3 with the endpoint cos.<region>.myqcloud.com'],
  [
    'ALIYUNOSS',
    'use type S3 with the endpoint of the bucket and bucket_lookup_type virtual-hosted',
  ],
  ['BOS', 'use type S3 with the endpoint s3.<region>.bcebos.com'],
  ['OCI', 'use type S3 with the Amazon S3 compatibility API of the namespace'],
  ['OBS', 'use type S3 with the endpoint obs.<region>.myhuaweicloud.com'],
]);
const SUPPORTED = 'FILESYSTEM, S3, GCS and AZURE';

/** `where` names the document in errors. Throws OperationError 'bad-data' with the place; never shows a secret. */
export function parseBucketConfig(text: string, where: string): BucketConfig {
  const document = parseYaml(text, where);
  const given = document.fields('type', 'config', 'prefix', 'hedging_config');
  const type = neededText(given.type, document, `has no type; supported are ${SUPPORTED}`);
  return {
    provider: readProvider(type.toUpperCase(), given.type ?? document, given.config),
    prefix: textOf(given.prefix),
    hedging: readHedging(given.hedging_config),
  };
}

function readProvider(
  type: string,
  typeValue: YamlValue,
  config: YamlValue | undefined,
): ProviderConfig {
  const instead = UNSUPPORTED.get(type);
  if (instead !== undefined) {
    throw typeValue.fault(`${type} is a type of Thanos that is not supported here: ${instead}`);
  }
  if (config === undefined) throw typeValue.fault('has no config beside it');
  if (type === 'S3') return readS3Config(config);
  if (type === 'GCS') return readGcsConfig(config);
  if (type === 'AZURE') return readAzureConfig(config);
  if (type === 'FILESYSTEM') {
    const reason = 'has no directory for the bucket';
    const directory = neededText(config.fields('directory').directory, config, reason);
    return { kind: 'FILESYSTEM', directory };
  }
  throw typeValue.fault(`is none of ${SUPPORTED}`);
}

function readHedging(value: YamlValue | undefined): HedgingConfig | undefined {
  const given = value?.fields('enabled', 'up_to', 'quantile');
  const upTo = countOf(given?.up_to, 3);
  const quantile = given?.quantile?.number() ?? 0.9;
  if (upTo < 1) throw given?.up_to?.fault('is below 1');
  if (!(quantile > 0 && quantile < 1)) throw given?.quantile?.fault('is not between 0 and 1');
  return flagOf(given?.enabled) ? { upTo, quantile } : undefined;
}
