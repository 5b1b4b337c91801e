/** A command of the program: its table of options and what it does with them. */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { ProcessHost } from '../base/process-host.ts';
import type { Random } from '../base/random.ts';
import type { WorkerHost } from '../base/worker-host.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { MetricRegistry } from '../telemetry/metrics.ts';
import type { BuildInfo } from '../telemetry/process-metrics.ts';
import type { Readiness } from '../telemetry/readiness.ts';
import type { Tracer } from '../telemetry/tracer.ts';
import type { CommandText } from './help.ts';
import type { Flag, GivenTexts, OptionTable, OptionValues } from './options.ts';
import { type Parsed, parseArguments } from './parse-arguments.ts';
import type { Environment } from './read-content.ts';
import { type GlobalValues, globalOptions } from './shared-options.ts';

/** What a command is given by main: the outside world, and the frame of its life. */
export interface CommandContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: FileSystem;
  readonly workers: WorkerHost;
  readonly processes: ProcessHost;
  readonly environment: Environment;
  readonly build: BuildInfo;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
  readonly tracer: Tracer;
  readonly readiness: Readiness;
  /** Aborted by SIGTERM or SIGINT, after readiness was taken back. */
  readonly stop: AbortSignal;
  /** Whatever is put here is closed in reverse order when the command has returned or failed. */
  readonly resources: AsyncDisposableStack;
  /** Called at each SIGHUP. */
  onReload(listener: () => void): void;
  /** Every flag, as given or by default; contents of configuration are left out. */
  readonly flags: ReadonlyMap<string, string>;
  /** What the flags of this command are. */
  readonly knownFlags: readonly Flag[];
  /** How this program is started again with other arguments: file and first arguments. */
  readonly self: readonly string[];
  /** Whether a person sees the standard output. */
  readonly isTerminal: boolean;
  /** To standard output. */
  print(text: string): void;
}

export interface CommandSpec<Table extends OptionTable> extends CommandText {
  readonly options: Table;
  /** Texts of flags that were not given, such as those of a configuration file. Throws OperationError. */
  readDefaults?(context: CommandContext, values: OptionValues<Table>): GivenTexts;
  /** Composes, runs until `context.stop` is aborted or the work is done, and returns. Throws OperationError. */
  run(context: CommandContext, values: OptionValues<Table>): Promise<void>;
}

export interface Command extends CommandText {
  readonly options: OptionTable;
  /** Throws OperationError 'bad-data' for what is wrong on the command line. */
  parse(args: readonly string[]): Request;
}

export type Request =
  | Exclude<Parsed<OptionTable>, { readonly kind: 'run' }>
  | {
      readonly kind: 'run';
      readonly globals: GlobalValues;
      readonly flags: ReadonlyMap<string, string>;
      readonly knownFlags: readonly Flag[];
      run(context: CommandContext): Promise<void>;
    };

export function defineCommand<const Table extends OptionTable>(spec: CommandSpec<Table>): Command {
  const options = { ...spec.options, ...globalOptions };
  return {
    name: spec.name,
    summary: spec.summary,
    description: spec.description,
    options,
    parse(args) {
      const own = parseArguments(options, args);
      if (own.kind !== 'run') return own;
      // The intersection of both tables' values holds every option of each.
      const values = own.values as OptionValues<Table> & GlobalValues;
      return {
        kind: 'run',
        globals: values,
        flags: own.flags,
        knownFlags: Object.values<OptionTable[string]>(options).flatMap((option) => option.flags),
        async run(context) {
          const defaults = spec.readDefaults?.(context, values);
          const all = defaults === undefined ? own : parseArguments(options, args, defaults);
          assert(all.kind === 'run', 'the same arguments to ask for the same');
          await spec.run({ ...context, flags: all.flags }, all.values as typeof values);
        },
      };
    },
  };
}

/** Resolves when the command is asked to stop. */
export function stopped({ stop }: Pick<CommandContext, 'stop'>): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
}
