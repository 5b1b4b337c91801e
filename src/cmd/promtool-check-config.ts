/**
 * `tsanos promtool check config`: whether Prometheus would take these files. Exit status as promtool's: 0 all are well,
 * 1 one is not, 3 something is questionable and `--lint-fatal` was given.
 */
import { errorText, OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import { type ConfigFindings, checkConfig } from '../operate/promtool/check-config.ts';
import { type Command, defineCommand } from './command.ts';
import { duration, path, text, type ValueForm } from './option-forms.ts';
import { type OptionValues, one, section, toggle, words } from './options.ts';

const LINTS = ['all', 'duplicate-rules', 'too-long-scrape-interval', 'none'] as const;
const LINT_STATUS = 3;

const lints: ValueForm<readonly string[]> = {
  placeholder: text.placeholder,
  accepts: `some of ${LINTS.join(', ')}, separated by commas`,
  parse(given) {
    const names = given.split(',');
    return names.every((name) => LINTS.some((known) => known === name)) ? names : undefined;
  },
};

const options = section('Check', {
  paths: words({
    name: 'config-files',
    value: path,
    min: 1,
    max: 1000,
    help: 'The configuration files to check.',
  }),
  isSyntaxOnly: toggle({
    flag: 'syntax-only',
    initial: false,
    help: 'Looks at the file alone, not at the files and targets that it names.',
  }),
  isAgent: toggle({
    flag: 'agent',
    initial: false,
    help: "Checks the file for Prometheus' agent mode.",
  }),
  lookbackMs: one({
    flag: 'query.lookback-delta',
    value: duration,
    initial: '5m',
    help: 'How long a sample counts as fresh in the server: longer scrape intervals are questionable.',
  }),
  lints: one({
    flag: 'lint',
    value: lints,
    initial: 'duplicate-rules',
    help: `What questionable things to look for: ${LINTS.join(', ')}. Rules are not looked at yet.`,
  }),
  isLintFatal: toggle({
    flag: 'lint-fatal',
    initial: false,
    help: 'Makes questionable things end with status 3.',
  }),
});

type Values = OptionValues<typeof options>;

export const promtoolCheckConfigCommand: Command = defineCommand({
  name: 'promtool check config',
  summary: 'whether Prometheus would take a configuration',
  description: `Loads each prometheus.yml as the server does and looks at the files that it names.
Exit status: 0 all are well, 1 one is not, 3 one is questionable and \`--lint-fatal\` was given.`,
  options,
  run({ files, environment }, values) {
    const world = { files, environment };
    process.exitCode = Math.max(...values.paths.map((file) => check(file, values, world)));
    return Promise.resolve();
  },
});

interface World {
  readonly files: FileSystem;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The exit status for one file. */
function check(file: string, values: Values, world: World): number {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const complain = (line: string): void => void process.stderr.write(`${line}\n`);
  const { isAgent, isSyntaxOnly } = values;
  const { lints: wanted } = values;
  const looksForIntervals = wanted.includes('all') || wanted.includes('too-long-scrape-interval');
  const lookbackMs = looksForIntervals ? values.lookbackMs : undefined;
  say(`Checking ${file}`);
  let found: ConfigFindings;
  try {
    found = checkConfig(file, { ...world, isAgent, isSyntaxOnly, lookbackMs });
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    complain(`  FAILED: ${errorText(error)}`);
    return 1;
  }
  for (const warning of found.warnings) say(`  WARNING: ${warning}`);
  if (found.ruleFiles.length > 0) say(`  SUCCESS: ${found.ruleFiles.length} rule files found`);
  say(` SUCCESS: ${file} is valid prometheus config file syntax\n`);
  for (const lint of found.lints) complain(`  ${lint}`);
  return found.lints.length > 0 && values.isLintFatal ? LINT_STATUS : 0;
}
