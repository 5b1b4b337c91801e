/** The uploads of a sidecar: its bucket, the check of Prometheus' flags, and a pass every 30 seconds. */
import { join } from 'node:path';
import { deadlineSignal } from '../base/clock.ts';
import { OperationError, toOperationError } from '../base/errors.ts';
import type { Labels } from '../model/labels.ts';
import { parseBucketConfig } from '../objstore/bucket-config.ts';
import { declareBucketMetrics } from '../objstore/instrumented-bucket.ts';
import { openBucket } from '../objstore/open-bucket.ts';
import { isRecord, type PrometheusApi } from '../remote/http-api.ts';
import { checkPrometheusFlags } from '../shipper/prometheus-flags.ts';
import { Shipper } from '../shipper/shipper.ts';
import { declareShipperMetrics } from '../shipper/shipper-metrics.ts';
import type { HashFunction } from '../shipper/upload-block.ts';
import type { CommandContext } from './command.ts';
import type { ContentSource } from './options.ts';
import { readContent } from './read-content.ts';

export interface ShippingValues {
  readonly tsdbPath: string;
  readonly objstore: ContentSource | undefined;
  readonly uploadCompacted: boolean;
  readonly metaFileName: string;
  readonly uploadConcurrency: number;
  readonly hashFunction: HashFunction;
  readonly ignoreBlockSize: boolean;
  readonly outOfOrderUploads: boolean;
  readonly skipCorrupted: boolean;
  readonly configIntervalMs: number;
  readonly configTimeoutMs: number;
}

export interface ShippingScope {
  readonly api: PrometheusApi;
  /** External labels as they are now; none while they are not known. */
  labels(): Labels;
}

/** Runs until the command is stopped; never throws what a later attempt may mend. */
export type Shipping = () => Promise<void>;

const PASS_INTERVAL_MS = 30_000;

/**
 * Undefined where no bucket is configured. Throws OperationError 'bad-data' for a configuration that is wrong. Uploads
 * begin once Prometheus' flags were found right.
 */
export async function startShipping(
  context: CommandContext,
  values: ShippingValues,
  scope: ShippingScope,
): Promise<Shipping | undefined> {
  const { files, clock, logger, metrics, random, environment, resources, stop } = context;
  const { objstore, tsdbPath } = values;
  const text = objstore === undefined ? '' : readContent(objstore, files, environment);
  if (objstore === undefined || text.trim() === '') {
    logger.info('no bucket is configured: blocks are not uploaded');
    return undefined;
  }
  const where = objstore.kind === 'inline' ? `--${objstore.flag}` : objstore.path;
  const parts = { files, clock, random, logger, environment, workingDirectory: process.cwd() };
  const bucketMetrics = declareBucketMetrics(metrics);
  const config = parseBucketConfig(text, where);
  const bucket = resources.use(await openBucket(config, { ...parts, metrics: bucketMetrics }));
  const uploadedPath = join(tsdbPath, values.metaFileName);
  const shipper = new Shipper({
    files,
    clock,
    logger,
    bucket,
    metrics: declareShipperMetrics(metrics),
    dataDirectory: tsdbPath,
    uploadedPath,
    source: 'sidecar',
    hashFunction: values.hashFunction,
    uploadsCompacted: values.uploadCompacted,
    allowsOutOfOrder: values.outOfOrderUploads,
    skipsCorrupted: values.skipCorrupted,
    concurrency: values.uploadConcurrency,
    labels: scope.labels,
  });
  if (files.stat(join(tsdbPath, 'wal')) === undefined) {
    const err = new OperationError('not-found', `--tsdb.path ${tsdbPath} holds no wal directory`);
    logger.error("this is no data directory of Prometheus, or it can't be read", { err });
  }
  return async () => {
    await rightFlags(context, values, { api: scope.api, uploadedPath });
    while (!stop.aborted) {
      await pass(context, shipper);
      await clock.sleep(PASS_INTERVAL_MS, stop).catch(() => {}); // woken by the end of the sidecar
    }
  };
}

async function pass({ logger, stop }: CommandContext, shipper: Shipper): Promise<void> {
  try {
    const uploaded = await shipper.sync(stop);
    if (uploaded > 0) logger.info('uploaded what was new', { blocks: uploaded });
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    if (!stop.aborted) logger.warn('not all blocks were uploaded; trying again', { err: error });
  }
}

/** Asks until Prometheus has flags with which no block is lost, or the command is stopped. */
async function rightFlags(
  context: CommandContext,
  values: ShippingValues,
  scope: { readonly api: PrometheusApi; readonly uploadedPath: string },
): Promise<void> {
  const { clock, logger, stop } = context;
  let lastReason: string | undefined;
  while (!stop.aborted) {
    try {
      await askFlags(context, values, scope);
      return;
    } catch (error) {
      const failure = toOperationError(error);
      if (!stop.aborted && failure.message !== lastReason) {
        logger.error('blocks are not uploaded yet', { err: failure });
      }
      lastReason = failure.message;
    }
    await clock.sleep(values.configIntervalMs, stop).catch(() => {}); // woken by the end
  }
}

async function askFlags(
  { clock, logger, stop }: CommandContext,
  { configTimeoutMs, ignoreBlockSize }: ShippingValues,
  { api, uploadedPath }: { readonly api: PrometheusApi; readonly uploadedPath: string },
): Promise<void> {
  const deadline = deadlineSignal(clock, configTimeoutMs, stop);
  try {
    const { data } = await api.get('/api/v1/status/flags', [], deadline.signal);
    const expected = { uploadedPath, ignoresBlockSize: ignoreBlockSize };
    for (const warning of checkPrometheusFlags(isRecord(data) ? data : {}, expected)) {
      logger.warn(warning);
    }
  } catch (error) {
    if (!(error instanceof OperationError) || error.kind !== 'not-found') throw error;
    logger.warn('Prometheus does not tell its flags: they are not checked', { url: api.url });
  } finally {
    deadline.clear();
  }
}
