import { strict as assert } from 'node:assert';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import {
  type Program,
  ready,
  startCommand,
  startOwnPrometheus,
  temporaryFolder,
} from '../real-programs.ts';
import { openPage, startBrowser } from './browser.ts';
import {
  type Answers,
  answer,
  FIGURES,
  PAIR,
  replicaMatrix,
  STORES,
  systemState,
  TARGETS,
} from './pages-answers.ts';

const CONFIG = `
global: { scrape_interval: 1m }
scrape_configs:
  - job_name: node
    static_configs: [{ targets: ['127.0.0.1:1', '127.0.0.1:2'] }]
    relabel_configs:
      - { source_labels: [__address__], regex: '.*:2', action: drop }
      - { target_label: site, replacement: seoul }
`;

const folder = temporaryFolder();
const statePath = join(folder.path, 'system.json');
let querier: Program;
let entry: Program;
let server: Program;
let browser: Browser;

before(async () => {
  const [blocks, dataPath] = [join(folder.path, 'blocks'), join(folder.path, 'data')];
  mkdirSync(blocks);
  mkdirSync(dataPath);
  writeFileSync(statePath, systemState(PAIR));
  const starting = startOwnPrometheus({ dataPath, config: CONFIG });
  querier = await ready(await startCommand('query', [`--block-dir=${blocks}`]));
  const flags = [`--querier.url=${querier.url}`, `--system.state-file=${statePath}`];
  entry = await ready(await startCommand('entry', flags));
  server = await starting;
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  for (const program of [entry, querier, server]) await program?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const SYSTEM: Answers = {
  stores: STORES,
  targets: TARGETS,
  query: (search: URLSearchParams) =>
    search.get('dedup') === 'false' ? { resultType: 'vector', result: [] } : FIGURES,
};

function box(page: Page, node: string) {
  return page.locator(`[data-node="${node}"]`);
}

/** Where each box stands. */
async function places(page: Page): Promise<readonly string[]> {
  const boxes = await page.locator('[data-node]').all();
  return Promise.all(boxes.map(async (one) => JSON.stringify(await one.boundingBox())));
}

test('the picture shows each component, and follows it without jumping', async () => {
  const { page, complaints } = await openPage(browser, { viewport: { width: 1440, height: 900 } });
  await answer(page, SYSTEM);
  await page.goto(entry.url);
  await box(page, 'prometheus-a').getByText('12,345').waitFor();
  assert.equal(await page.locator('[data-node]').count(), PAIR.length + 2);
  assert.equal(await box(page, 'targets').getByText('1 of 3').count(), 1);
  await page.getByText('All 6 components are ready.').waitFor();
  const before = await places(page);
  const down = PAIR.map((line) =>
    line.name === 'prometheus-b' ? { ...line, state: 'restarting' } : line,
  );
  writeFileSync(statePath, systemState(down));
  await box(page, 'prometheus-b').getByText('ended by SIGKILL').waitFor();
  await page.getByText('5 of 6 components are ready. Not ready: Prometheus B.').waitFor();
  assert.deepEqual(await places(page), before);
  writeFileSync(statePath, systemState(PAIR));
  const table = page.getByRole('table', { name: 'The running system as a table' });
  assert.equal(await table.getByRole('row').count(), PAIR.length + 3);
  await box(page, 'sidecar-a').getByRole('link').click();
  await page.waitForURL((url) => url.pathname === '/stores');
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('on a phone the boxes stand below each other and none covers another', async () => {
  const { page } = await openPage(browser, { viewport: { width: 390, height: 844 } });
  await answer(page, SYSTEM);
  await page.goto(entry.url);
  await box(page, 'client').waitFor();
  const boxes = await Promise.all(
    (await page.locator('[data-node]').all()).map((one) => one.boundingBox()),
  );
  for (const [i, a] of boxes.entries()) {
    for (const b of boxes.slice(i + 1)) {
      assert(a !== null && b !== null);
      const isAside = a.x + a.width <= b.x + 1 || b.x + b.width <= a.x + 1;
      const isAbove = a.y + a.height <= b.y + 1 || b.y + b.height <= a.y + 1;
      assert(isAside || isAbove, JSON.stringify([a, b]));
    }
  }
  const width = await page.evaluate('document.documentElement.scrollWidth');
  assert(Number(width) <= 390, String(width));
  await page.context().close();
});

test('a system that does not answer any more keeps its last picture and says so', async () => {
  const { page } = await openPage(browser);
  await answer(page, SYSTEM);
  await page.goto(entry.url);
  await box(page, 'entry').waitFor();
  await page.route('**/api/v1/**', (route) => route.abort());
  await page.getByText('Nothing answers any more').waitFor({ timeout: 20_000 });
  assert.equal(await page.locator('[data-node]').count(), PAIR.length + 2);
  await page.context().close();
});

test('what to try is there until it is closed, and can be had again', async () => {
  const { page } = await openPage(browser);
  await answer(page, SYSTEM);
  await page.goto(entry.url);
  const hints = page.getByRole('region', { name: 'What runs here, and what to try' });
  await hints.getByText('kill -9 4711').waitFor();
  await hints.getByText(entry.url, { exact: true }).waitFor();
  await hints.getByRole('button', { name: 'Hide these hints' }).click();
  await page.reload();
  await page.getByRole('button', { name: 'What to try' }).click();
  await hints.getByRole('link', { name: 'Which targets are up' }).click();
  await page.waitForURL((url) => url.searchParams.get('g0.expr') === 'up');
  await page.context().close();
});

test('a querier without a supervisor draws its stores and what they stand for', async () => {
  const { page, complaints } = await openPage(browser);
  await answer(page, SYSTEM);
  await page.goto(querier.url);
  await box(page, 'store:127.0.0.1:19091').waitFor();
  const states = await page
    .locator('[data-kind="sidecar"]')
    .evaluateAll((all) => all.map((one) => one.getAttribute('data-state')));
  assert.deepEqual(states, ['ready', 'down']);
  assert.equal(await page.locator('[data-kind="prometheus"]').count(), 2);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

const REPLICAS: Answers = {
  'status/flags': { 'query.replica-label': 'replica' },
  series: [
    { __name__: 'up', job: 'node' },
    { __name__: 'up', job: 'other' },
  ],
  query: (search: URLSearchParams) =>
    replicaMatrix(Number(search.get('time')), search.get('dedup') === 'true'),
};

test('the lanes say which replica supplied what, and which gap was closed', async () => {
  const { page, complaints } = await openPage(browser, { viewport: { width: 1280, height: 900 } });
  await answer(page, REPLICAS);
  const end = Math.floor(Date.now() / 1000);
  await page.goto(`${entry.url}/replicas?expr=up&range=15m&end=${end}`);
  const said = 'Deduplication made 59 samples out of the 105 that 2 replicas have.';
  await page.getByText(said).waitFor();
  await page.getByText('It changed replica once.').waitFor();
  const closed = page.getByRole('row').filter({ has: page.getByRole('button') });
  assert.match((await closed.first().textContent()) ?? '', /^A.*2m 40s.*B14/);
  const lanes = page.getByRole('slider', { name: 'Lanes of samples' });
  await lanes.focus();
  await page.keyboard.press('End');
  await page.getByText('from Replica B').waitFor();
  await page.keyboard.press('Home');
  await page.getByText('from Replica A').waitFor();
  await page.getByRole('button', { name: 'Look at this gap' }).click();
  const ticks = await page
    .locator('svg path')
    .evaluateAll((all) => all.map((one) => (one.getAttribute('d') ?? '').length));
  assert(Math.max(...ticks) > 0);
  await page.getByRole('button', { name: 'Whole range' }).click();
  await page.getByLabel('2 series match; choose one').selectOption({ index: 1 });
  await page.waitForURL((url) => url.searchParams.get('series') === 'up{job="other"}');
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('dragging over the lanes zooms, a double click shows the whole range', async () => {
  const { page } = await openPage(browser, { viewport: { width: 1280, height: 900 } });
  await answer(page, REPLICAS);
  await page.goto(`${entry.url}/replicas?expr=up&range=15m&end=1700000000`);
  const lanes = page.getByRole('slider', { name: 'Lanes of samples' });
  const reset = page.getByRole('button', { name: 'Whole range' });
  await lanes.waitFor();
  assert(await reset.isDisabled());
  const place = await lanes.boundingBox();
  assert(place !== null);
  await page.mouse.move(place.x + 200, place.y + 40);
  await page.mouse.down();
  await page.mouse.move(place.x + 500, place.y + 40);
  await page.mouse.up();
  assert(await reset.isEnabled());
  await lanes.dblclick();
  assert(await reset.isDisabled());
  await page.context().close();
});

test('stores stand by type, with what is wrong with them', async () => {
  const { page, complaints } = await openPage(browser);
  await answer(page, SYSTEM);
  await page.goto(`${entry.url}/stores`);
  await page.getByRole('heading', { name: 'Sidecars 1 of 2 healthy' }).waitFor();
  await page.getByRole('heading', { name: 'Store gateways 1 of 1 healthy' }).waitFor();
  const row = page.getByRole('row').filter({ hasText: '127.0.0.1:19193' });
  assert.match((await row.textContent()) ?? '', /refused.*down.*replica="B".*everything/);
  assert.equal(await page.getByRole('img', { name: /^Time range: 2023-11-14/ }).count(), 1);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('targets are filtered by health, pool and words, and the address keeps that', async () => {
  const { page } = await openPage(browser);
  await answer(page, SYSTEM);
  await page.goto(`${entry.url}/targets`);
  await page.getByText('connection refused').waitFor();
  await page.getByText('down 1', { exact: true }).click();
  await page.waitForURL((url) => url.searchParams.get('health') === 'down');
  const links = page.getByRole('link', { name: /metrics$/ });
  assert.deepEqual(await links.allTextContents(), ['http://127.0.0.1:9101/metrics']);
  await page.getByRole('button', { name: /^Details of/ }).click();
  await page.getByText('__scheme__=').waitFor();
  await page.goto(`${entry.url}/targets?q=8080&pool=app`);
  await page.getByText('0 of 1 up').waitFor();
  await page.getByRole('searchbox').fill('nothing like it');
  await page.getByText('Nothing matches.').waitFor();
  await page.context().close();
});

test('the metrics explorer finds one of 100,000 names', async () => {
  const { page, complaints } = await openPage(browser);
  const names = Array.from({ length: 100_000 }, (_, i) => `service_${i % 977}_requests_${i}_total`);
  await answer(page, {
    'label/__name__/values': names.sort(),
    metadata: { service_5_requests_5: [{ type: 'counter', help: 'The fifth.', unit: '' }] },
    'status/tsdb': { seriesCountByMetricName: [{ name: 'service_5_requests_5_total', value: 42 }] },
  });
  await page.goto(`${entry.url}/metrics-explorer`);
  await page.getByText('100,000 metrics').waitFor();
  assert((await page.getByRole('row').count()) < 300);
  await page.getByRole('searchbox').fill('fifth');
  await page.getByText('1 of 100,000').waitFor();
  const row = page.getByRole('row').filter({ hasText: 'The fifth.' });
  assert.match((await row.textContent()) ?? '', /counter.*42/);
  await row.getByRole('link').click();
  await page.waitForURL((url) => url.searchParams.get('g0.expr') === 'service_5_requests_5_total');
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('flags that were changed are marked, and found by what they do', async () => {
  const { page, complaints } = await openPage(browser);
  await page.goto(`${querier.url}/flags`);
  const row = page.getByRole('row').filter({ hasText: '--block-dir' });
  await row.getByText('changed', { exact: true }).waitFor();
  const all = await page.getByRole('row').count();
  await page.getByRole('switch', { name: 'Only changed' }).click();
  await page.waitForURL((url) => url.searchParams.get('changed') === '1');
  const changed = await page.getByRole('row').count();
  assert(changed > 1 && changed < all, `${changed} of ${all}`);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a server shows its configuration, and what relabelling made of a target', async () => {
  const { page, complaints } = await openPage(browser);
  await page.goto(`${server.url}/config`);
  await page.getByRole('region', { name: 'Configuration' }).getByText('job_name').waitFor();
  await page.goto(`${server.url}/service-discovery`);
  await page.getByText('1 of 2 active').waitFor();
  const dropped = page.getByRole('row').filter({ hasText: 'dropped by relabelling' });
  await dropped.getByRole('button', { name: /^Details of/ }).click();
  await page.getByText('The target is dropped here.').waitFor();
  const kept = page.getByRole('row').filter({ hasText: 'site=' }).first();
  await kept.getByRole('button', { name: /^Details of/ }).click();
  await page.getByText('site="seoul"', { exact: true }).first().waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

const PATHS = [
  '/stores',
  '/targets',
  '/service-discovery',
  '/metrics-explorer',
  '/tsdb-status',
  '/flags',
  '/status',
  '/replicas?expr=up',
  '/',
];

test('every page is calm when the server fails, is slow or knows nothing', async () => {
  const { page, complaints } = await openPage(browser);
  const failure = { status: 'error', errorType: 'internal', error: 'the disk is on fire' };
  const empty: Answers = {
    stores: {},
    targets: { activeTargets: [], droppedTargets: [] },
    series: [],
    metadata: {},
    query: { resultType: 'vector', result: [] },
    'label/__name__/values': [],
  };
  for (const path of PATHS) {
    await page.route('**/api/v1/**', (route) => route.fulfill({ status: 500, json: failure }));
    await page.goto(entry.url + path);
    await page.getByText('the disk is on fire').first().waitFor();
    await page.unrouteAll();
    const never = new Promise<void>(() => undefined);
    await page.route('**/api/v1/**', () => never);
    await page.goto(entry.url + path);
    await page.locator('[aria-busy="true"]').first().waitFor();
    await page.unrouteAll();
    await answer(page, empty);
    await page.goto(entry.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const busy = page.locator('[aria-busy="true"]');
    await busy.first().waitFor({ state: 'detached' });
    await page.unrouteAll();
  }
  assert.deepEqual(complaints, []);
  await page.context().close();
});
