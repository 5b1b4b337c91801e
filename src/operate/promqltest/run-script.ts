/** Runs a whole script and tells what became of each eval. */
import { errorText, OperationError } from '../../base/errors.ts';
import { samplesOf } from './load.ts';
import type { QueryTarget } from './query-target.ts';
import { runEval } from './run-eval.ts';
import { type Command, parseScript } from './script.ts';

export interface EvalReport {
  /** Of the eval (or of the command that could not be done), from 1; 0 if the script cannot be read. */
  readonly line: number;
  readonly query: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped, '' if it passed. */
  readonly reason: string;
}

/** The target is cleared first. A load that fails is a report of its own; the evals after it still run. */
export async function* runScript(text: string, target: QueryTarget): AsyncGenerator<EvalReport> {
  let commands: readonly Command[];
  try {
    commands = parseScript(text);
    await target.clear();
  } catch (error) {
    yield { line: 0, query: '', outcome: 'failed', reason: errorText(error) };
    return;
  }
  for (const command of commands) {
    const report = await runCommand(command, target);
    if (report !== undefined) yield report;
  }
}

async function runCommand(command: Command, target: QueryTarget): Promise<EvalReport | undefined> {
  const { line } = command;
  const query = command.kind === 'eval' ? command.query : command.kind;
  try {
    switch (command.kind) {
      case 'clear':
        await target.clear();
        return undefined;
      case 'load':
        await target.load(samplesOf(command));
        return undefined;
      case 'eval': {
        const reason = await runEval(command, target);
        const outcome = reason === undefined ? 'passed' : 'failed';
        return { line, query, outcome, reason: reason ?? '' };
      }
    }
  } catch (error) {
    const isSkipped = error instanceof OperationError && error.kind === 'not-acceptable';
    return { line, query, outcome: isSkipped ? 'skipped' : 'failed', reason: errorText(error) };
  }
}
