/** `tsanos prometheus`: scrapes targets, keeps their samples and answers queries, as Prometheus' server does. */
import { type Command, defineCommand } from './command.ts';
import { type OptionValues, refuseUnsupported, type Unsupported } from './options.ts';
import {
  configOptions,
  idleOptions,
  remoteOptions,
  scrapeOptions,
  serverQueryOptions,
  serverWebOptions,
  storageOptions,
} from './prometheus-options.ts';
import { runPrometheus } from './run-prometheus.ts';

const options = {
  ...configOptions,
  ...serverWebOptions,
  ...storageOptions,
  ...remoteOptions,
  ...scrapeOptions,
  ...serverQueryOptions,
  ...idleOptions,
};

export const prometheusCommand: Command = defineCommand({
  name: 'prometheus',
  summary: "scrapes targets, keeps their samples, answers queries; Prometheus' server",
  description:
    "Scrapes the targets of a prometheus.yml, keeps their samples in a directory that Prometheus itself can open, and serves Prometheus' HTTP API and remote read.",
  options,
  async run(context, values) {
    refuseUnsupported(unsupported(values));
    await runPrometheus(context, values);
  },
});

function unsupported(values: OptionValues<typeof options>): readonly Unsupported[] {
  return [
    ['agent', values.agent, 'there is no agent mode'],
    [
      'web.enable-remote-write-receiver',
      values.enableWriteReceiver,
      'nothing takes remote write requests',
    ],
    ['web.enable-otlp-receiver', values.enableOtlpReceiver, 'nothing takes OTLP requests'],
    [
      'storage.tsdb.delay-compact-file.path',
      values.delayCompactFile !== '',
      'compaction does not wait for uploads',
    ],
    [
      'no-storage.tsdb.allow-overlapping-compaction',
      !values.overlappingCompaction,
      'blocks that overlap are always merged',
    ],
  ];
}
