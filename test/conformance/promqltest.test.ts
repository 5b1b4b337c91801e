/**
 * Runs the PromQL test scripts of Prometheus against the engine. not-yet.txt lists the evals that fail, each with
 * its reason: a listed one that passes fails the run as well as an unlisted one that fails.
 */
import { strict as assert } from 'node:assert';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { testKernel } from '../../src/base/testing/kernel.ts';
import { MemoryTarget } from '../../src/operate/promqltest/memory-target.ts';
import { runScript } from '../../src/operate/promqltest/run-script.ts';

const SCRIPTS = '../shared/conformance/promqltest';
const paths = globSync(`${SCRIPTS}/*.test`).sort();
const notYet = readNotYet();

/** Reasons by `file:line`. */
function readNotYet(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL('not-yet.txt', import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, place, reason] = /^(\S+:\d+): (.+)$/.exec(line) ?? [];
      assert.ok(place !== undefined && reason !== undefined, `not-yet.txt: ${line}`);
      return [place, reason];
    }),
  );
}

test('the scripts are there', (t) => {
  if (paths.length === 0) return t.skip(`${SCRIPTS} is absent: no script runs`);
  const names = new Set(paths.map((path) => basename(path)));
  for (const place of notYet.keys()) {
    assert.ok(names.has(place.replace(/:\d+$/, '')), `not-yet.txt lists ${place}, no such script`);
  }
});

for (const path of paths) {
  const name = basename(path);
  test(`${name} passes but for what is listed`, async () => {
    const surprises: string[] = [];
    const open = new Set([...notYet.keys()].filter((place) => place.startsWith(`${name}:`)));
    let evals = 0;
    for await (const report of runScript(
      readFileSync(path, 'utf8'),
      new MemoryTarget(testKernel()),
    )) {
      const place = `${name}:${report.line}`;
      const isListed = open.delete(place);
      const hasPassed = report.outcome === 'passed';
      if (hasPassed && isListed) surprises.push(`${place} passes: take it off the list`);
      if (!hasPassed && !isListed) surprises.push(`${place}: ${report.query}: ${report.reason}`);
      evals++;
    }
    for (const place of open) surprises.push(`${place} is listed, but no eval is there`);
    assert.ok(evals > 0, `${name} has no eval`);
    assert.deepEqual(surprises, []);
  });
}
