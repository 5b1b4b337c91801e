import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OperationError } from '../../base/errors.ts';
import { realFileSystem } from '../../world/file-system.ts';
import { checkConfig } from './check-config.ts';

const CONFORMANCE = new URL('../../../../shared/conformance/promtool/', import.meta.url).pathname;
const OPTIONS = {
  files: realFileSystem,
  environment: {},
  isAgent: false,
  isSyntaxOnly: false,
  lookbackMs: 300_000,
};

test('configurations are taken and refused as promtool does', (t) => {
  const peer = spawnSync('promtool', ['--version']);
  if (peer.error !== undefined || !existsSync(CONFORMANCE)) {
    t.skip('no promtool on PATH, or no ../shared/conformance');
    return;
  }
  const names = readdirSync(CONFORMANCE).filter((name) => /^(.*config|url_|auth)/.test(name));
  assert.ok(names.length > 10);
  const wrong: string[] = [];
  for (const name of names) {
    const path = join(CONFORMANCE, name);
    const judge = spawnSync('promtool', ['check', 'config', '--lint=none', path]);
    const want = judge.status === 0 ? 'taken' : 'refused';
    const got = verdict(path);
    if (got.startsWith(want)) continue;
    wrong.push(`${name}: ${got}, want ${want}`);
  }
  assert.deepEqual(wrong, []);
});

function verdict(path: string): string {
  try {
    checkConfig(path, OPTIONS);
    return 'taken';
  } catch (error) {
    assert.ok(error instanceof OperationError);
    return `refused: ${error.message}`;
  }
}

test('files that are named and absent, and long intervals, are told', (t) => {
  if (!existsSync(CONFORMANCE)) {
    t.skip('no ../shared/conformance here');
    return;
  }
  const f = (name: string): ReturnType<typeof checkConfig> =>
    checkConfig(join(CONFORMANCE, name), OPTIONS);
  const found = f('config_with_service_discovery_files.yml');
  const absent = `file "${join(CONFORMANCE, 'nonexistent_file.yml')}" for file_sd in`;
  assert.deepEqual(found.warnings.slice(-2), [
    `${absent} scrape job "prometheus" does not exist`,
    `${absent} alertmanager config does not exist`,
  ]);
  const [lint] = f('prometheus-config.lint.too_long_scrape_interval.yml').lints;
  assert.match(lint, /^long scrape interval found: .*\. Job: .*\. Interval: \d+/);
  assert.throws(() => f('config_with_rule_files.yml'), /does not point to an existing file$/);
});
