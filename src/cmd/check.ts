/** `tsanos check`: looks at a running HA set-up, says what is right and what is wrong with it and how to mend it. */
import { resolve } from 'node:path';
import { type CheckedFinding, runChecks } from '../operate/check/checks.ts';
import type { BucketFacts, ExpectedStores } from '../operate/check/facts.ts';
import { gatherFacts } from '../operate/check/gather.ts';
import { readBucket } from '../operate/check/read-bucket.ts';
import { hasTrouble, languageOf, printReport, reportJson } from '../operate/check/report.ts';
import { findRunning } from '../operate/run-lock.ts';
import { createHttpClient } from '../transport/http-client.ts';
import { type Command, type CommandContext, defineCommand } from './command.ts';
import { duration, httpUrl, oneOf, path, type ValueForm } from './option-forms.ts';
import { many, type OptionValues, one, pathOrContent, section, words } from './options.ts';
import { readContent } from './read-content.ts';
import { DEFAULT_PATH, readUpFile } from './up-file.ts';

const expectation: ValueForm<readonly [type: string, count: number]> = {
  placeholder: '<type=count>',
  accepts: 'a component type and a number, such as sidecar=2',
  parse(given) {
    const match = /^([a-z-]+)=(\d{1,6})$/.exec(given);
    return match === null ? undefined : [match[1], Number(match[2])];
  },
};

const options = {
  ...section('What is checked', {
    urls: words({
      name: 'url',
      value: httpUrl,
      min: 0,
      max: 1,
      help: 'The querier, ours or of Thanos. Default: the system that `tsanos up` runs over the data directory, else http://127.0.0.1:9090.',
    }),
    dataDirectory: one({
      flag: 'data-dir',
      value: path,
      initial: './data',
      help: 'Data directory of the system that `tsanos up` runs.',
    }),
    serverUrls: many({
      flag: 'prometheus.url',
      value: httpUrl,
      help: 'A Prometheus of the set-up. Those that scrape themselves are found without it.',
    }),
    expected: many({
      flag: 'expect',
      value: expectation,
      separator: ',',
      help: 'How many endpoints of a type must be connected: sidecar=2,store=1.',
    }),
    bucket: pathOrContent({
      flag: 'objstore.config',
      help: 'YAML of the object store, looked through for well-known keys.',
    }),
  }),
  ...section('Report', {
    output: one({
      flag: 'output',
      value: oneOf('text', 'json'),
      initial: 'text',
      help: 'For people (text, in Korean where LC_ALL, LC_MESSAGES or LANG says so) or programs (json).',
    }),
    timeoutMs: one({
      flag: 'timeout',
      value: duration,
      initial: '10s',
      help: 'How long each question may take.',
    }),
  }),
};

type Values = OptionValues<typeof options>;

const DEFAULT_URL = 'http://127.0.0.1:9090';

export const checkCommand: Command = defineCommand({
  name: 'check',
  summary: 'whether an HA set-up is sound, and how to mend what is not',
  description:
    'Asks a querier, and each Prometheus behind it that it can reach, and says line by line what is right (✓), what is worth a look (!), what is wrong (✗) and what could not be found out (?), each with what to do. Exit status: 0 nothing is wrong, 1 something is, 2 wrong use.',
  options,
  readDefaults({ files }) {
    if (files.stat(DEFAULT_PATH) === undefined) return () => [];
    const texts = readUpFile(DEFAULT_PATH, files, {});
    return (flag) => (flag === 'data-dir' ? texts(flag) : []);
  },
  run,
});

async function run(context: CommandContext, values: Values): Promise<void> {
  const { files, clock, resources, stop: signal, environment, isTerminal, print } = context;
  const [given] = values.urls;
  const url = given ?? findRunning(resolve(values.dataDirectory), files) ?? DEFAULT_URL;
  const facts = await gatherFacts({
    url,
    serverUrls: values.serverUrls,
    expected: expectedOf(values.expected),
    bucket: bucketOf(context, values),
    client: resources.use(createHttpClient(files)),
    clock,
    files,
    timeoutMs: values.timeoutMs,
    signal,
  });
  const findings: readonly CheckedFinding[] = runChecks(facts);
  const { LC_ALL, LC_MESSAGES, LANG } = environment;
  const language = languageOf(LC_ALL || LC_MESSAGES || LANG);
  print(
    values.output === 'json'
      ? reportJson(url, findings, language)
      : printReport(url, findings, { language, isColored: isTerminal }),
  );
  if (hasTrouble(findings)) process.exitCode = 1;
}

function expectedOf(given: Values['expected']): ExpectedStores {
  return new Map(given);
}

function bucketOf(
  { files, environment }: CommandContext,
  { bucket }: Values,
): BucketFacts | undefined {
  if (bucket === undefined) return undefined;
  const name = bucket.kind === 'file' ? bucket.path : `--${bucket.flag}`;
  return readBucket(name, () => readContent(bucket, files, environment));
}
