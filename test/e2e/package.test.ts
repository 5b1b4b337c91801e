import { strict as assert } from 'node:assert';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { LocalSystem } from './local-system.ts';
import { createBlocks, temporaryFolder } from './real-programs.ts';
import { printSeries, START_MS } from './series-text.ts';

const folder = temporaryFolder();
const installed = join(folder.path, 'global');
const program = join(installed, 'bin/tsanos');
/** The program starts with the first `node` on the PATH. */
const environment = {
  ...process.env,
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
};

function run(file: string, args: readonly string[], cwd = folder.path): SpawnSyncReturns<string> {
  return spawnSync(file, args, { cwd, env: environment, encoding: 'utf8' });
}

function npm(cwd: string, ...args: readonly string[]): void {
  const { status, stdout, stderr } = run('npm', [...args, '--loglevel=warn'], cwd);
  assert.equal(status, 0, stderr);
  const warnings = stderr.split('\n').filter((line) => /npm (warn|error)/i.test(line));
  assert.deepEqual(warnings, [], stdout);
}

interface Report {
  readonly ok: boolean;
  readonly url: string;
  readonly findings: readonly { readonly level: string }[];
}

before(() => {
  npm('.', 'pack', '--pack-destination', folder.path);
  const [tarball] = readdirSync(folder.path).filter((name) => name.endsWith('.tgz'));
  npm(folder.path, 'install', '-g', '--prefix', installed, '--prefer-offline', tarball);
});

after(() => folder[Symbol.dispose]());

test('the installed program tells its version and runs a system that is sound', async () => {
  const version = run(program, ['--version']);
  assert.match(version.stdout, /^tsanos, version \d+\.\d+\.\d+\n {2}node version: {5}v24/);
  const nothingButNode = { ...process.env, PATH: dirname(process.execPath) };
  await using system = new LocalSystem({ program: [program], environment: nothingButNode });
  system.start();
  await system.ready();
  await system.until({ query: 'count(up == 1)' }, ([one]) => one?.value?.[1] === '7');
  const data = `--data-dir=${system.directory}`;
  const check = run(program, ['check', data, '--expect=sidecar=2', '--output=json']);
  const report = JSON.parse(check.stdout) as Report;
  const wrong = report.findings.filter(({ level }) => level === 'trouble');
  assert.deepEqual(wrong, []);
  assert.deepEqual([check.status, report.ok, report.url], [0, true, system.url]);
  const missing = run(program, ['check', data, '--expect=store=1']);
  assert.equal(missing.status, 1);
  assert.match(missing.stdout, /✗ stores +0 of type store connected, 1 expected\n/);
});

test('under an older Node one sentence says what is needed', () => {
  const old =
    'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.1.0"})';
  const entry = join(installed, 'lib/node_modules/tsanos/bin/tsanos.mjs');
  const pretended = run(process.execPath, ['--import', old, entry, '--version']);
  const sentence = /^tsanos needs Node 24 or newer; this is Node \d+\.\d+\.\d+\.\n$/;
  assert.match(pretended.stderr, sentence);
  assert.deepEqual([pretended.status, pretended.stdout], [1, '']);
  const system = '/usr/bin/node';
  if (!existsSync(system) || /^v(2[4-9]|[3-9]\d)/.test(run(system, ['--version']).stdout)) return;
  const real = run(system, [entry, 'up']);
  assert.match(real.stderr, sentence);
  assert.deepEqual([real.status, real.stdout], [1, '']);
});

const LIBRARY_USER = `
import { realFileSystem, readKernelModule } from 'tsanos/node';
import * as promql from 'tsanos/promql';
import { Kernel, openBlocks } from 'tsanos/tsdb';

const [directory, time] = process.argv.slice(2);
const query = 'sum(requests_total)';
const prepared = await promql.prepareQuery(
  {
    expr: promql.parseExpr(query, promql.STABLE_SYNTAX),
    query,
    startMs: Number(time),
    endMs: Number(time),
    stepMs: 0,
    lookbackMs: 300_000,
    noStepSubqueryIntervalMs: 60_000,
    maxSamples: 1e6,
    features: promql.DEFAULT_FEATURES,
  },
  openBlocks(realFileSystem, directory),
  { signal: new AbortController().signal },
);
const kernel = new Kernel(readKernelModule());
const collector = new promql.ResultCollector(kernel);
prepared.run(kernel, collector, { isCanceled: () => false });
console.log(JSON.stringify(collector.result));
`;

test('the package is a library, too: a query over blocks', () => {
  const series = ['a', 'b'].map((instance) => ({
    name: 'requests_total',
    type: 'counter' as const,
    labels: `instance="${instance}"`,
    value: (i: number) => i,
  }));
  const data = createBlocks(folder.path, printSeries(series, 10));
  mkdirSync(join(folder.path, 'node_modules'));
  symlinkSync(join(installed, 'lib/node_modules/tsanos'), join(folder.path, 'node_modules/tsanos'));
  const script = join(folder.path, 'query.mjs');
  writeFileSync(script, LIBRARY_USER);
  const { stdout, stderr } = run(process.execPath, [script, data, String(START_MS)]);
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout).samples[0].value, 0);
});
