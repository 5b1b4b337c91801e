/**
 * `npm run promqltest -- PATH…` runs PromQL test scripts in process, `--url URL` against a server. A PATH is a file
 * or a folder of `.test` files. The last line counts evals. Exit status 1 if any failed, 2 for a wrong call.
 */
import { globSync, readFileSync, statSync } from 'node:fs';
import { errorText, OperationError } from '../base/errors.ts';
import { Kernel } from '../base/kernel.ts';
import { HttpTarget } from '../operate/promqltest/http-target.ts';
import { MemoryTarget } from '../operate/promqltest/memory-target.ts';
import type { QueryTarget } from '../operate/promqltest/query-target.ts';
import { runScript } from '../operate/promqltest/run-script.ts';
import { createHttpClient } from '../transport/http-client.ts';
import { realFileSystem } from '../world/file-system.ts';
import { readKernelModule } from '../world/kernel-module.ts';

const USAGE = `usage: npm run promqltest -- [--url URL] PATH…

  PATH       a script, or a folder whose *.test files are run
  --url URL  run against a server that has the remote write receiver (and, for scripts that load
             twice, an out-of-order window) and has no data yet; evals that the API cannot compare
             are skipped
`;

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof OperationError)) throw error;
  process.stderr.write(`promqltest: ${errorText(error)}\n`);
  process.exitCode = 2;
}

async function main(args: readonly string[]): Promise<void> {
  const { url, paths } = readArguments(args);
  const files = paths.flatMap(findScripts);
  const counts = { passed: 0, failed: 0, skipped: 0 };
  await using client = createHttpClient(realFileSystem);
  const kernel = new Kernel(readKernelModule());
  const { signal } = new AbortController();
  const target: QueryTarget =
    url === undefined ? new MemoryTarget(kernel) : new HttpTarget({ client, url, kernel, signal });
  for (const file of files) {
    for await (const report of runScript(readFileSync(file, 'utf8'), target)) {
      const { line, query, outcome, reason } = report;
      counts[outcome]++;
      if (outcome !== 'passed') {
        process.stdout.write(`${outcome} ${file}:${line}: ${query}\n  ${reason}\n`);
      }
    }
  }
  const { passed, failed, skipped } = counts;
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

function readArguments(args: readonly string[]): {
  readonly url: string | undefined;
  readonly paths: readonly string[];
} {
  const paths: string[] = [];
  let url: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    const [, inline] = /^--url=(.*)$/.exec(arg) ?? [];
    if (inline !== undefined) url = inline;
    else if (arg === '--url') url = args[++i];
    else if (arg.startsWith('-'))
      throw new OperationError('bad-data', `unknown flag ${arg}\n${USAGE}`);
    else paths.push(arg);
  }
  if (paths.length === 0) throw new OperationError('bad-data', `which scripts?\n${USAGE}`);
  if (url !== undefined && !URL.canParse(url)) {
    throw new OperationError('bad-data', `--url is not a URL: ${url}`);
  }
  return { url, paths };
}

function findScripts(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new OperationError('not-found', `no such file or folder: ${path}`);
  if (!found.isDirectory()) return [path];
  const scripts = globSync(`${path}/**/*.test`).sort();
  if (scripts.length === 0) throw new OperationError('not-found', `no *.test in ${path}`);
  return scripts;
}
