/**
 * `npm test`: type check, lint, then the test files (default: all) in one child process; whole-system tests
 * run in a second one. The last line counts what happened. `npm test -- PATH…` runs only those tests.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const asked = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
if (asked.length === 0) {
  check('type check', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
  check('type check of the UI', ['node_modules/typescript/bin/tsc', '-p', 'ui']);
  check('build of the UI', ['ui/build.ts']);
  check('lint', ['node_modules/@biomejs/biome/bin/biome', 'check']);
}
const roots = asked.length > 0 ? asked : ['src', 'test', 'bench', 'ui/src'];
const found = roots.flatMap((path) =>
  path.endsWith('.ts') ? [path] : globSync(`${path}/**/*.test.ts`),
);
const isWhole = (path: string): boolean => path.includes('test/e2e/');
runTests(found.filter((path) => !isWhole(path)).sort(), 60_000);
runTests(found.filter(isWhole).sort(), 240_000);
if (found.length === 0) total.failed++;
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;

/** A tool that must exit with 0 counts as one test. */
function check(name: string, command: readonly string[]): void {
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' });
  if (status !== 0) console.error(`${name} failed: ${command[0]} exited with ${status}`);
  if (status === 0) total.passed++;
  else total.failed++;
}

function runTests(files: readonly string[], timeoutMs: number): void {
  if (files.length === 0) return;
  const scratch = mkdtempSync(join(tmpdir(), 'tally-'));
  const status = spawnSync(
    process.execPath,
    [
      '--test',
      '--test-isolation=none',
      '--test-force-exit',
      `--test-timeout=${timeoutMs}`,
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=./test/tally.ts',
      `--test-reporter-destination=${scratch}/tally`,
      ...files,
    ],
    { stdio: 'inherit' },
  ).status;
  const count = readTally(join(scratch, 'tally'));
  rmSync(scratch, { recursive: true });
  total.passed += count.passed;
  total.failed += count.failed + (count.failed === 0 && status !== 0 ? 1 : 0);
  total.skipped += count.skipped;
}

function readTally(path: string): Count {
  if (!existsSync(path)) return { passed: 0, failed: 1, skipped: 0 };
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Count;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }; // the child went away before it could tell
  }
}
