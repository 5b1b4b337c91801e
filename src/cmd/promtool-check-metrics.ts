/**
 * `tsanos promtool check metrics`: reads a page from standard input and names what its metrics do against good
 * practice. Exit status as promtool's: 0 nothing found, 1 the page cannot be read, 3 something found.
 */
import { readFileSync } from 'node:fs';
import { errorText, OperationError } from '../base/errors.ts';
import { Kernel } from '../base/kernel.ts';
import { lintMetrics } from '../operate/promtool/lint-metrics.ts';
import { parsePage } from '../scrape/exposition.ts';
import { readKernelModule } from '../world/kernel-module.ts';
import { type Command, defineCommand } from './command.ts';

const STANDARD_INPUT = 0;
const LINT_STATUS = 3;

export const promtoolCheckMetricsCommand: Command = defineCommand({
  name: 'promtool check metrics',
  summary: 'what a page of metrics does against good practice',
  description: `Reads the text format from standard input and writes its findings to standard error:
\`tsanos promtool check metrics < page\`.
Exit status: 0 nothing found, 1 unreadable, 3 something found.`,
  options: {},
  run() {
    process.exitCode = checkPage(readFileSync(STANDARD_INPUT));
    return Promise.resolve();
  },
});

function checkPage(page: Uint8Array): number {
  const complain = (text: string): void => void process.stderr.write(`${text}\n`);
  try {
    const batch = parsePage(new Kernel(readKernelModule()), page, 'text');
    const problems = lintMetrics(batch);
    for (const { metric, text } of problems) complain(`${metric} ${text}`);
    return problems.length > 0 ? LINT_STATUS : 0;
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    complain(`error while linting: ${errorText(error)}`);
    return 1;
  }
}
