/** What `tsanos sidecar` is made of and how it lives: it watches its Prometheus, and serves as long as that answers. */
import xxhash from 'xxhash-wasm';
import { errorText, OperationError } from '../base/errors.ts';
import { Kernel } from '../base/kernel.ts';
import { type Labels, NO_LABELS } from '../model/labels.ts';
import { printLabels } from '../model/labels-text.ts';
import { clientPost } from '../remote/client-post.ts';
import { PrometheusApi } from '../remote/http-api.ts';
import { plainPost } from '../remote/plain-post.ts';
import { PROMETHEUS_SERVICES, prometheusServices } from '../storeapi/prometheus-services.ts';
import { PrometheusSource } from '../storeapi/prometheus-source.ts';
import { type PrometheusState, PrometheusWatch } from '../storeapi/prometheus-watch.ts';
import { storeServices } from '../storeapi/server.ts';
import { gauge, histogram } from '../telemetry/metrics.ts';
import type { StreamedPost } from '../transport/body-sink.ts';
import { createHttpClient, type HttpClient } from '../transport/http-client.ts';
import {
  defaultHttpConfig,
  type HttpClientConfig,
  parseHttpConfig,
} from '../transport/http-config.ts';
import { countBuffersAsHeap } from '../world/heap.ts';
import { readKernelModule } from '../world/kernel-module.ts';
import { type CommandContext, stopped } from './command.ts';
import { resolveTime, type TimeOrOffset } from './option-forms.ts';
import type { ContentSource } from './options.ts';
import { readContent } from './read-content.ts';
import { serveGrpc } from './serve-grpc.ts';
import { serveHttp } from './serve-http.ts';
import type { GrpcServerValues, HttpValues } from './shared-options.ts';
import { type ShippingValues, startShipping } from './start-shipping.ts';

export interface SidecarValues extends HttpValues, GrpcServerValues, ShippingValues {
  readonly prometheusUrl: string;
  readonly readyTimeoutMs: number;
  readonly httpClient: ContentSource | undefined;
  readonly minTime: TimeOrOffset;
  readonly seriesMax: number;
  readonly samplesMax: number;
}

const KERNEL_BYTES = 1 << 30;
const ANSWER_BYTES_MAX = 256 << 20;
const SORT_BYTES_MAX = 256 << 20;
const FIRST_INTERVAL_MS = 500;
const FIRST_WAIT_MS = 50;

export async function runSidecar(context: CommandContext, values: SidecarValues): Promise<void> {
  countBuffersAsHeap();
  const { clock, files, logger, readiness, resources, metrics, tracer, stop } = context;
  const { up, frames } = metrics.declare({
    up: gauge('thanos_sidecar_prometheus_up', 'Whether the sidecar can reach its Prometheus.'),
    frames: histogram({
      name: 'prometheus_store_received_frames',
      help: 'Number of frames received per streamed response.',
      buckets: [10, 100, 1000, 10_000, 100_000],
    }),
  });
  up.set(0);
  readiness.setHealthy();
  const config = httpConfig(context, values);
  const client = resources.use(createHttpClient(files, config, tracer));
  const api = new PrometheusApi({
    client,
    url: values.prometheusUrl,
    answerMaxBytes: ANSWER_BYTES_MAX,
  });
  const watch = new PrometheusWatch({
    api,
    clock,
    intervalMs: values.configIntervalMs,
    firstIntervalMs: FIRST_INTERVAL_MS,
    timeoutMs: values.configTimeoutMs,
    minTimeLimit: () => resolveTime(values.minTime, clock.nowMs()),
    onAttempt: reporter(context, values.prometheusUrl, (isUp) => up.set(isUp ? 1 : 0)),
  });
  const source = new PrometheusSource({
    api,
    post: streamedPost(context, values, { config, client }),
    readHeaders: () => ({ ...authorization(config.authorization(files)), ...tracer.headers() }),
    watch,
    kernel: new Kernel(readKernelModule(), KERNEL_BYTES),
    hash: (await xxhash()).h64Raw,
    sortBudgetBytes: SORT_BYTES_MAX,
    seriesMax: values.seriesMax,
    samplesMax: values.samplesMax,
    frames,
  });
  const labels = (): Labels => watch.state.externalLabels ?? NO_LABELS;
  const ship = await startShipping(context, values, { api, labels });
  await serveHttp(context, values, { routes: [] });
  const watching = watch.run(stop);
  await firstAnswer(context, values, watch);
  if (stop.aborted) return;
  const scope = { api, externalLabels: () => watch.externalLabels };
  const services = [...storeServices(source, PROMETHEUS_SERVICES), ...prometheusServices(scope)];
  await serveGrpc(context, values, new Map(services));
  logger.info('sidecar is ready', { external_labels: printLabels(watch.externalLabels) });
  await Promise.all([watching, ship?.(), stopped(context)]);
}

/** Waits until the external labels are known. Throws when that takes too long, or when there are none. */
async function firstAnswer(
  { clock, stop }: CommandContext,
  { readyTimeoutMs, prometheusUrl }: SidecarValues,
  watch: PrometheusWatch,
): Promise<void> {
  const endMs = clock.monotonicMs() + readyTimeoutMs;
  while (watch.state.externalLabels === undefined && !stop.aborted) {
    if (clock.monotonicMs() > endMs) {
      const waited = `was not ready within ${readyTimeoutMs / 1000} s`;
      const message = `Prometheus at ${prometheusUrl} ${waited}`;
      throw new OperationError('unavailable', message, { cause: watch.state.fault });
    }
    await clock.sleep(FIRST_WAIT_MS, stop).catch(() => {}); // woken by the end of the sidecar
  }
  if (watch.state.externalLabels?.length === 0) throw noExternalLabels(prometheusUrl);
}

function noExternalLabels(url: string): OperationError {
  const what = 'give it some that tell it from all others (global.external_labels)';
  return new OperationError('bad-data', `Prometheus at ${url} has no external labels: ${what}`);
}

/** Takes each outcome of asking Prometheus into the readiness, the metric and, when it changes, the log. */
function reporter(
  { logger, readiness, stop }: CommandContext,
  url: string,
  setUp: (isUp: boolean) => void,
): (state: PrometheusState) => void {
  let lastReason: string | undefined;
  return ({ fault, externalLabels = [] }) => {
    const isEmpty = fault === undefined && externalLabels.length === 0;
    const error = isEmpty ? noExternalLabels(url) : fault;
    const reason = error === undefined ? undefined : errorText(error);
    setUp(fault === undefined);
    if (reason !== lastReason) {
      if (reason === undefined) logger.info('Prometheus answers', { url });
      else logger.warn('Prometheus is not ready', { err: error });
    }
    lastReason = reason;
    if (reason !== undefined) readiness.setNotReady(reason);
    else if (!stop.aborted) readiness.setReady();
  };
}

function httpConfig(
  { files, environment }: CommandContext,
  values: SidecarValues,
): HttpClientConfig {
  const source = values.httpClient;
  if (source === undefined) return defaultHttpConfig;
  const where = source.kind === 'inline' ? `--${source.flag}` : source.path;
  return parseHttpConfig(readContent(source, files, environment), where);
}

/** Plain TCP where that is all there is; the general client for TLS and proxies. */
function streamedPost(
  { clock }: CommandContext,
  { prometheusUrl }: SidecarValues,
  { config, client }: { readonly config: HttpClientConfig; readonly client: HttpClient },
): StreamedPost {
  const isPlain = prometheusUrl.startsWith('http:') && config.proxyUrl === undefined;
  if (!isPlain) return clientPost(client);
  return plainPost({ clock, dialTimeoutMs: config.connectTimeoutMs });
}

function authorization(header: string | undefined): Readonly<Record<string, string>> {
  return header === undefined ? {} : { authorization: header };
}
