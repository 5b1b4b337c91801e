/**
 * The program: finds the command, reads its options, gives it the outside world, and sees to its end. Exit status: 0
 * after work well done or a stop that was asked for, 1 after a failure, 2 for a wrong command line.
 */

import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { BugError } from '../base/assert.ts';
import { errorText, OperationError } from '../base/errors.ts';
import { nearestName } from '../base/nearest-name.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { type BuildInfo, observeProcess } from '../telemetry/process-metrics.ts';
import { createReadiness } from '../telemetry/readiness.ts';
import { observeThreads } from '../telemetry/thread-metrics.ts';
import { silentTracer } from '../telemetry/tracer.ts';
import { realClock } from '../world/clock.ts';
import { realFileSystem } from '../world/file-system.ts';
import { realProcessHost } from '../world/process-host.ts';
import { realRandom } from '../world/random.ts';
import { createWorkerHost } from '../world/worker-host.ts';
import type { CommandContext, Request } from './command.ts';
import { commands } from './commands.ts';
import { printCommandList, printHelp } from './help.ts';
import { expandFiles, splitCommand } from './parse-arguments.ts';
import { globalOptions } from './shared-options.ts';

export async function main(given: readonly string[]): Promise<void> {
  try {
    await dispatch(expandFiles(given, realFileSystem));
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    console.error(`tsanos: ${errorText(error)}`);
    process.exitCode = 2;
  }
}

async function dispatch(args: readonly string[]): Promise<void> {
  const names = commands.map(({ name }) => name);
  const { name, word, rest } = splitCommand(names, globalOptions, args);
  const entry = commands.find((command) => command.name === name);
  if (entry === undefined) {
    print(textWithoutCommand(word, rest));
    return;
  }
  const command = await entry.load();
  const request = readRequest(() => command.parse(rest), command.name);
  if (request.kind === 'run') return run(command.name, request);
  const isHelp = request.kind === 'help';
  print(
    isHelp ? printHelp(command, command.options, request.withHidden) : versionText(readBuild()),
  );
}

function readRequest(parse: () => Request, name: string): Request {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    const hint = `\`tsanos ${name} --help\` shows its flags.`;
    throw new OperationError('bad-data', `${name}: ${error.message}\n${hint}`);
  }
}

/** Throws OperationError 'bad-data' unless something was asked for that needs no command. */
function textWithoutCommand(word: string | undefined, args: readonly string[]): string {
  if (args.includes('--version')) return versionText(readBuild());
  if (word === 'help' || args.some((arg) => /^(-h|--help(-long)?)$/.test(arg))) {
    return printCommandList(commands);
  }
  if (word === undefined) {
    throw new OperationError('bad-data', `which command?\n\n${printCommandList(commands)}`);
  }
  const names = commands.map(({ name }) => name);
  const near = nearestName(word, names);
  const hint = near === undefined ? '`tsanos --help` lists them' : `did you mean ${near}?`;
  throw new OperationError('bad-data', `unknown command ${word}: ${hint}`);
}

/** Runs a command to its end and the process with it. */
async function run(name: string, request: Extract<Request, { kind: 'run' }>): Promise<void> {
  const { logLevel, logFormat } = request.globals;
  const stderr = pino.destination({ fd: 2, sync: true });
  stderr.on('error', () => undefined); // whoever read our log has gone; the work goes on
  const logger = createLogger({
    level: logLevel,
    format: logFormat,
    clock: realClock,
    write: (line) => stderr.write(line),
  });
  endOnBug(logger);
  const build = readBuild();
  const metrics = createMetricRegistry();
  const resources = new AsyncDisposableStack();
  resources.use(observeProcess(metrics, build, realFileSystem));
  const observeThread = observeThreads(metrics);
  observeThread({ name: 'main', busyMs: () => performance.eventLoopUtilization().active });
  const readiness = createReadiness(metrics, name);
  const stopping = new AbortController();
  const context: CommandContext = {
    clock: realClock,
    random: realRandom,
    files: realFileSystem,
    workers: createWorkerHost(observeThread),
    processes: realProcessHost,
    environment: process.env,
    build,
    logger,
    metrics,
    tracer: silentTracer,
    readiness,
    stop: stopping.signal,
    resources,
    onReload: (listener) => void process.on('SIGHUP', listener),
    flags: request.flags,
    knownFlags: request.knownFlags,
    self: [process.execPath, process.argv[1]],
    isTerminal: process.stdout.isTTY === true,
    print,
  };
  stopOnSignals(context, stopping);
  process.exit(await outcome(() => request.run(context), context));
}

/** SIGHUP asks for a reload; but a terminal that closes sends it too, and means the end. */
function stopOnSignals(context: CommandContext, stopping: AbortController): void {
  const { logger, readiness, isTerminal } = context;
  process.stdout.on('error', () => undefined); // whoever read it has gone
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping.signal.aborted) process.exit(1);
    logger.info('stopping; a second signal ends it at once', { signal });
    readiness.setNotReady('stopping');
    stopping.abort(new OperationError('canceled', `stopped by ${signal}`));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (isTerminal) process.on('SIGHUP', stop);
  else process.on('SIGHUP', (signal) => logger.info('reload asked for', { signal }));
}

/** The exit status, that of the command where it set one: whatever was opened is closed, whether the command succeeded or failed. */
async function outcome(work: () => Promise<void>, context: CommandContext): Promise<number> {
  const { logger, readiness, resources, stop } = context;
  let status = 0;
  try {
    await work();
  } catch (error) {
    if (!isExpectedEnd(error, stop)) status = failed(logger, error);
  }
  readiness.setNotReady('stopping');
  try {
    await resources.disposeAsync();
  } catch (error) {
    status = failed(logger, error);
  }
  return status === 0 ? Number(process.exitCode ?? 0) : status;
}

function isExpectedEnd(error: unknown, stop: AbortSignal): boolean {
  return stop.aborted && error instanceof OperationError && error.kind === 'canceled';
}

function failed(logger: Logger, error: unknown): number {
  if (error instanceof OperationError) logger.error('failed', { err: error });
  else logBug(logger, error);
  return 1;
}

function endOnBug(logger: Logger): void {
  process.on('uncaughtException', (error) => {
    logBug(logger, error);
    process.exit(1);
  });
}

function logBug(logger: Logger, error: unknown): void {
  const message =
    error instanceof BugError ? 'a bug ended the process' : 'an unexpected error ended the process';
  const stack = error instanceof Error ? error.stack : undefined;
  logger.error(message, { err: error, stack });
}

function print(text: string): void {
  process.stdout.write(text);
}

function readBuild(): BuildInfo {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string };
  return { version, revision: '', branch: '' };
}

function versionText({ version }: BuildInfo): string {
  return [
    `tsanos, version ${version}`,
    `  node version:     ${process.version}`,
    `  platform:         ${process.platform}/${process.arch}`,
    '',
  ].join('\n');
}
