/**
 * `tsanos sidecar`: StoreAPI beside a Prometheus, and the upload of its blocks. It has all flags of Thanos' sidecar; those that nothing stands
 * behind yet are refused when they are used.
 */
import { type Command, defineCommand } from './command.ts';
import { duration, httpUrl, oneOf, path, text, timeOrOffset, wholeNumber } from './option-forms.ts';
import {
  many,
  type OptionValues,
  one,
  pathOrContent,
  refuseUnsupported,
  section,
  toggle,
  type Unsupported,
} from './options.ts';
import { runSidecar } from './run-sidecar.ts';
import { grpcServerOptions, httpOptions, tracingOptions } from './shared-options.ts';
import { startTracing } from './start-tracing.ts';

const prometheusOptions = section('Prometheus', {
  prometheusUrl: one({
    flag: 'prometheus.url',
    value: httpUrl,
    initial: 'http://localhost:9090',
    help: 'URL of the Prometheus whose data is served. It should be on the same machine: its answers are read in bulk.',
  }),
  readyTimeoutMs: one({
    flag: 'prometheus.ready_timeout',
    value: duration,
    initial: '10m',
    help: 'How long to wait for Prometheus to answer before the sidecar gives up and exits.',
  }),
  configIntervalMs: one({
    flag: 'prometheus.get_config_interval',
    value: duration,
    initial: '30s',
    help: "How often Prometheus' external labels and oldest sample are read. Readiness follows.",
  }),
  configTimeoutMs: one({
    flag: 'prometheus.get_config_timeout',
    value: duration,
    initial: '30s',
    help: 'How long reading them may take.',
  }),
  httpClient: pathOrContent({
    flag: 'prometheus.http-client',
    help: 'YAML that says how Prometheus is reached: basic_auth, bearer_token, tls_config, proxy_url, transport_config.',
  }),
  minTime: one({
    flag: 'min-time',
    value: timeOrOffset,
    initial: '0000-01-01T00:00:00Z',
    help: 'Samples before this time are not served: RFC 3339, or a duration relative to now such as -1d.',
  }),
  seriesMax: one({
    flag: 'store.limits.request-series',
    value: wholeNumber,
    initial: '0',
    help: 'Most series that one Series request may select; 0 is any number.',
  }),
  samplesMax: one({
    flag: 'store.limits.request-samples',
    value: wholeNumber,
    initial: '0',
    help: 'Most samples that one Series request may select, each chunk counted as 120; 0 is any number.',
  }),
});

const uploadOptions = section('Upload of blocks', {
  tsdbPath: one({
    flag: 'tsdb.path',
    value: path,
    initial: './data',
    help: "Prometheus' data directory. Only used with --objstore.config[-file].",
  }),
  objstore: pathOrContent({
    flag: 'objstore.config',
    help: 'YAML that describes the object storage for finished blocks. Without it none are uploaded.',
  }),
  uploadCompacted: toggle({
    flag: 'shipper.upload-compacted',
    initial: false,
    help: 'Also upload blocks that Prometheus has compacted already: once, to move old data.',
  }),
  metaFileName: one({
    flag: 'shipper.meta-file-name',
    value: path,
    initial: 'thanos.shipper.json',
    help: 'File in --tsdb.path that remembers what has been uploaded.',
  }),
  uploadConcurrency: one({
    flag: 'shipper.upload-concurrency',
    value: wholeNumber,
    initial: '0',
    help: 'How many files of a block are uploaded at once.',
  }),
  hashFunction: one({
    flag: 'hash-func',
    value: oneOf('', 'SHA256'),
    initial: '',
    help: 'Hash of uploaded files that goes into meta.json: SHA256, or nothing for none.',
  }),
  ignoreBlockSize: toggle({
    flag: 'shipper.ignore-unequal-block-size',
    initial: false,
    hidden: true,
    help: 'Upload although Prometheus compacts.',
  }),
  outOfOrderUploads: toggle({
    flag: 'shipper.allow-out-of-order-uploads',
    initial: false,
    hidden: true,
    help: 'Go on with later blocks when one cannot be uploaded.',
  }),
  skipCorrupted: toggle({
    flag: 'shipper.skip-corrupted-blocks',
    initial: false,
    hidden: true,
    help: 'Leave corrupted blocks out.',
  }),
});

const reloaderOptions = section('Reloader (not supported yet)', {
  reloadConfig: one({
    flag: 'reloader.config-file',
    value: path,
    initial: '',
    help: 'Configuration to watch for changes.',
  }),
  reloadOutput: one({
    flag: 'reloader.config-envsubst-file',
    value: path,
    initial: '',
    help: 'Where the configuration is written with environment variables put in.',
  }),
  reloadDirectories: many({
    flag: 'reloader.rule-dir',
    value: path,
    help: 'Directory of rules to watch for changes.',
  }),
  reloadIntervalMs: one({
    flag: 'reloader.watch-interval',
    value: duration,
    initial: '3m',
    help: 'How often watched files are read.',
  }),
  reloadRetryMs: one({
    flag: 'reloader.retry-interval',
    value: duration,
    initial: '5s',
    help: 'How soon a failed reload is tried again.',
  }),
  reloadMethod: one({
    flag: 'reloader.method',
    value: oneOf('http', 'signal'),
    initial: 'http',
    help: 'How Prometheus is told: http or signal.',
  }),
  reloadProcess: one({
    flag: 'reloader.process-name',
    value: text,
    initial: 'prometheus',
    help: 'Name of the process that gets the signal.',
  }),
});

const loggingOptions = section('Requests (not supported yet)', {
  requestLogging: pathOrContent({
    flag: 'request.logging-config',
    help: 'YAML that says which requests are logged.',
  }),
});

const options = {
  ...prometheusOptions,
  ...uploadOptions,
  ...reloaderOptions,
  ...loggingOptions,
  ...tracingOptions,
  ...httpOptions,
  ...grpcServerOptions,
};

export const sidecarCommand: Command = defineCommand({
  name: 'sidecar',
  summary: 'StoreAPI beside a Prometheus',
  description:
    'Stands beside one Prometheus and serves its series, labels, rules, targets, metadata and exemplars over gRPC to queriers. With --objstore.config it uploads finished blocks to object storage. Prometheus must have external labels that tell it from all others.',
  options,
  async run(context, values) {
    refuseUnsupported(unsupported(values));
    await runSidecar(await startTracing(context, values.tracing), values);
  },
});

function unsupported(values: OptionValues<typeof options>): readonly Unsupported[] {
  return [
    ['reloader.config-file', values.reloadConfig !== '', 'nothing is reloaded'],
    ['reloader.config-envsubst-file', values.reloadOutput !== '', 'nothing is reloaded'],
    ['reloader.rule-dir', values.reloadDirectories.length > 0, 'nothing is reloaded'],
    ['request.logging-config', values.requestLogging !== undefined, 'requests are not logged'],
  ];
}
