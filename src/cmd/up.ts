/** `tsanos up`: the whole system on this machine, supervised. */
import { resolve } from 'node:path';
import { OperationError } from '../base/errors.ts';
import { describeLocalSystem, type LocalSystem, OWN_JOBS } from '../operate/local-system.ts';
import { NO_USER_CONFIG, readUserConfig, type UserConfig } from '../operate/prometheus-config.ts';
import { startSupervisor } from '../operate/supervisor.ts';
import { createHttpClient } from '../transport/http-client.ts';
import { type Command, type CommandContext, defineCommand, stopped } from './command.ts';
import { duration, hostPort, path, restrict, text, wholeNumber } from './option-forms.ts';
import { many, type OptionValues, one, optional, section, toggle } from './options.ts';
import { DEFAULT_PATH, readUpFile, writeUpFile } from './up-file.ts';
import { UpScreen } from './up-screen.ts';

const options = {
  ...section('System', {
    configPath: optional({
      flag: 'config.file',
      value: path,
      help: 'Settings that are no flags here. Default: ./tsanos.yml, if there is one.',
    }),
    isInit: toggle({
      flag: 'init',
      initial: false,
      help: 'Write tsanos.yml with every setting and its default, and end.',
    }),
    dataDirectory: one({
      flag: 'data-dir',
      value: path,
      initial: './data',
      help: 'Where data, generated configuration and logs are kept.',
    }),
    portOffset: one({
      flag: 'port-offset',
      value: restrict(
        wholeNumber,
        'a whole number from -8000 to 40000',
        (n) => n >= -8000 && n <= 40_000,
      ),
      initial: '0',
      help: 'Added to every port, so that several systems fit on one machine.',
    }),
    cluster: one({
      flag: 'cluster',
      value: text,
      initial: 'tsanos',
      help: 'External label "cluster" of both replicas.',
    }),
    region: one({
      flag: 'region',
      value: text,
      initial: 'local',
      help: 'External label "region" of both replicas.',
    }),
  }),
  ...section('Web', {
    listenAddress: one({
      flag: 'web.listen-address',
      value: hostPort,
      initial: '127.0.0.1:9090',
      help: 'The one address that people and Grafana use; --port-offset is added to its port. An address beyond this machine opens it to the network without passwords.',
    }),
  }),
  ...section('Scraping', {
    targets: many({
      flag: 'target',
      value: hostPort,
      help: 'Something with /metrics that both replicas scrape, as job "targets".',
    }),
    prometheusConfig: optional({
      flag: 'prometheus.config',
      value: path,
      help: 'A prometheus.yml of yours that both replicas take over; our own jobs and the label "replica" are added.',
    }),
    scrapeIntervalMs: one({
      flag: 'scrape-interval',
      value: restrict(
        duration,
        'a duration of whole seconds, such as 5s',
        (ms) => ms >= 1000 && ms % 1000 === 0,
      ),
      initial: '5s',
      help: 'How often targets are scraped, unless their own configuration says otherwise.',
    }),
    prometheusBinary: optional({
      flag: 'prometheus.binary',
      value: path,
      help: 'A Prometheus server to run in place of the built-in one: a path, or a name on PATH.',
    }),
    retentionTime: one({
      flag: 'retention.time',
      value: text,
      initial: '15d',
      help: 'How long each Prometheus keeps its data.',
    }),
    retentionSize: one({
      flag: 'retention.size',
      value: text,
      initial: '20GB',
      help: 'How much data each Prometheus keeps at most.',
    }),
  }),
};

type Values = OptionValues<typeof options>;

export const upCommand: Command = defineCommand({
  name: 'up',
  summary: 'the whole system on this machine: two Prometheus, sidecars, queriers, one address',
  description:
    'Starts two Prometheus that scrape the same targets, a sidecar beside each, two queriers that deduplicate, and the entry on port 9090 with a page to look at. Each is a process of its own, started again when it ends: kill any of them, queries go on. Ctrl-C stops everything in good order.',
  options,
  readDefaults({ files }, { configPath, isInit }) {
    if (isInit) return () => [];
    const isThere = files.stat(DEFAULT_PATH) !== undefined;
    const used = configPath ?? (isThere ? DEFAULT_PATH : undefined);
    return used === undefined ? () => [] : readUpFile(used, files, options);
  },
  run,
});

const STOP_GRACE_MS = 15_000;

async function run(context: CommandContext, values: Values): Promise<void> {
  const { files, processes, clock, logger, resources } = context;
  if (values.isInit) return init(context, values);
  const dataDirectory = resolve(values.dataDirectory);
  const system = describeSystem(context, values, dataDirectory);
  files.makeDirectory(dataDirectory);
  const screen = new UpScreen(context, system.entryUrl, dataDirectory);
  const supervisor = await startSupervisor({
    groups: system.groups,
    dataDirectory,
    entryUrl: system.entryUrl,
    stopGraceMs: STOP_GRACE_MS,
    ownPid: process.pid,
    files,
    processes,
    client: resources.use(createHttpClient(files)),
    clock,
    logger,
    prepare() {
      for (const file of system.configFiles) {
        files.writeFileAtomic(file.path, new TextEncoder().encode(file.text));
      }
    },
    onLine: (name, line) => screen.line(name, line),
    onChange: (spec, state) => screen.change(spec, state),
  });
  resources.use(supervisor);
  context.onReload(() => supervisor.retryFailed());
  await stopped(context);
  screen.stopping();
}

function init({ files, print }: CommandContext, { configPath = DEFAULT_PATH }: Values): void {
  writeUpFile(configPath, files);
  print(`${configPath} is written: change what you like, then start \`tsanos up\`.\n`);
}

function describeSystem(
  context: CommandContext,
  values: Values,
  dataDirectory: string,
): LocalSystem {
  return describeLocalSystem({
    self: context.self,
    prometheusBinary: findBinary(context, values),
    dataDirectory,
    portOffset: values.portOffset,
    listenAddress: values.listenAddress,
    cluster: values.cluster,
    region: values.region,
    retention: { time: values.retentionTime, size: values.retentionSize },
    scrapeIntervalSeconds: values.scrapeIntervalMs / 1000,
    targets: values.targets,
    userConfig: userConfigOf(context, values),
  });
}

/** Undefined when our own is to run. */
function findBinary(
  { processes }: CommandContext,
  { prometheusBinary: binary }: Values,
): string | undefined {
  if (binary === undefined) return undefined;
  const found = processes.find(binary);
  if (found !== undefined) return found;
  throw new OperationError(
    'not-found',
    `cannot find the Prometheus server ${binary}: install it (Debian, Ubuntu: apt-get install prometheus; others: https://prometheus.io/download/), or leave --prometheus.binary out to run the built-in one`,
  );
}

function userConfigOf({ files, logger }: CommandContext, { prometheusConfig }: Values): UserConfig {
  if (prometheusConfig === undefined) return NO_USER_CONFIG;
  const text = new TextDecoder().decode(files.readFile(prometheusConfig));
  const config = readUserConfig(text, prometheusConfig, OWN_JOBS);
  for (const { from, to } of config.renamed) {
    logger.warn('a job has the name of one of Tsanos and runs under another', {
      job: from,
      as: to,
    });
  }
  return config;
}
