import { strict as assert } from 'node:assert';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import {
  createBlocks,
  type Program,
  ready,
  startCommand,
  temporaryFolder,
} from '../real-programs.ts';
import { printSeries, type SeriesText, START_MS, STEP_MS } from '../series-text.ts';
import { openPage, startBrowser } from './browser.ts';

const SAMPLES = 200;
const END_MS = START_MS + SAMPLES * STEP_MS;
const SERIES: readonly SeriesText[] = ['a', 'b', 'c'].map((instance, k) => ({
  name: 'requests_total',
  type: 'counter' as const,
  labels: `instance="${instance}",job="web"`,
  value: (i: number) => i * (k + 1),
}));

const folder = temporaryFolder();
let tsanos: Program;
let browser: Browser;

before(async () => {
  const dataPath = createBlocks(folder.path, printSeries(SERIES, SAMPLES));
  tsanos = await ready(await startCommand('query', [`--block-dir=${dataPath}`]));
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await tsanos?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const END_TEXT = new Date(END_MS).toISOString().slice(0, 19).replace('T', ' ');

/** Keys of the first panel, beside the end of the data. */
function addressOf(keys: Readonly<Record<string, string>>): string {
  const all = Object.entries({ end_input: END_TEXT, ...keys });
  const search = new URLSearchParams(
    Object.fromEntries(all.map(([key, value]) => [`g0.${key}`, value])),
  );
  return `${tsanos.url}/graph?${search}`;
}

function keysOf(page: Page): Readonly<Record<string, string>> {
  return Object.fromEntries(new URL(page.url()).searchParams);
}

const EDITOR = '.cm-content';

async function write(page: Page, text: string): Promise<void> {
  await page.locator(EDITOR).first().click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
  await page.keyboard.press('Escape');
}

async function run(page: Page, text: string): Promise<void> {
  await write(page, text);
  await page.getByRole('button', { name: 'Run' }).first().click();
}

/** The number in the line of statistics. */
async function seriesCount(page: Page, count: number): Promise<void> {
  const line = page.getByRole('list', { name: 'Query statistics' });
  await line.getByText(`${count} series`).waitFor();
}

/** Answers the API in place of the server. */
async function answer(page: Page, path: string, data: unknown): Promise<void> {
  await page.route(`**/api/v1/${path}*`, (route) =>
    route.fulfill({ json: { status: 'success', data } }),
  );
}

test('each view shows the query that the address names, and nothing complains', async () => {
  const { page, complaints } = await openPage(browser);
  await page.goto(addressOf({ expr: 'requests_total', tab: '1' }));
  await seriesCount(page, 3);
  await page.getByText('instance="b"').first().waitFor();
  await page.getByText('Graph', { exact: true }).click();
  await page.locator('canvas').first().waitFor();
  assert.equal(keysOf(page)['g0.tab'], '0');
  await page.getByText('Explain', { exact: true }).click();
  await page.getByRole('rowheader', { name: 'requests_total' }).waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('what is done stands in the address, and back leads to where one was', async () => {
  const { page } = await openPage(browser);
  await page.goto(addressOf({ expr: 'requests_total', tab: '0', range_input: '1h' }));
  await page.locator(EDITOR).waitFor();
  await run(page, 'sum(requests_total)');
  await page.waitForURL((url) => url.searchParams.get('g0.expr') === 'sum(requests_total)');
  await page.getByRole('button', { name: 'Longer range' }).click();
  await page.waitForURL((url) => url.searchParams.get('g0.range_input') === '2h');
  const { 'g0.end_input': end, 'g0.moment_input': moment } = keysOf(page);
  assert.deepEqual([end, moment], [END_TEXT, END_TEXT]);
  await page.reload();
  await page.locator(EDITOR).getByText('sum').waitFor();
  await page.goBack();
  await page.goBack();
  await page.waitForURL((url) => url.searchParams.get('g0.expr') === 'requests_total');
  await seriesCount(page, 3);
  await page.context().close();
});

test('panels are added, duplicated, moved and removed', async () => {
  const { page } = await openPage(browser);
  await page.goto(addressOf({ expr: 'requests_total', tab: '1' }));
  await page.getByRole('button', { name: 'Add panel' }).click();
  await page.getByRole('region', { name: 'Panel 2' }).waitFor();
  const act = async (panel: number, item: string) => {
    const region = page.getByRole('region', { name: `Panel ${panel}` });
    await region.getByRole('button', { name: 'Panel', exact: true }).click();
    await region.getByRole('button', { name: item, exact: true }).click();
  };
  await act(1, 'Duplicate');
  await page.waitForURL((url) => url.searchParams.get('g2.expr') === '');
  await act(3, 'Move up');
  await page.waitForURL((url) => url.searchParams.get('g1.expr') === '');
  await act(2, 'Remove');
  await page.waitForURL((url) => !url.searchParams.has('g2.expr'));
  assert.equal(keysOf(page)['g1.expr'], 'requests_total');
  await page.context().close();
});

test('a fault is underlined where it is, before and after asking the server', async () => {
  const { page } = await openPage(browser);
  await page.goto(addressOf({ expr: '', tab: '1' }));
  await page.locator(EDITOR).waitFor();
  await write(page, 'sum(rate(requests_total))');
  const underlined = page.locator('.cm-lintRange-error');
  await underlined.waitFor();
  assert.equal(await underlined.textContent(), 'requests_total');
  await page.getByRole('button', { name: 'Run' }).click();
  const said = page.getByRole('alert');
  await said.waitFor();
  assert.match((await said.textContent()) ?? '', /1:10: parse error: expected type range vector/);
  assert.equal(await said.locator('mark').textContent(), 'requests_total');
  await page.context().close();
});

test('a warning underlines the part of the query that it is about', async () => {
  const { page } = await openPage(browser);
  await page.route('**/api/v1/query?*', (route) =>
    route.fulfill({
      json: {
        status: 'success',
        data: { resultType: 'vector', result: [] },
        infos: ['PromQL info: metric might not be a counter, name does not end: "x" (1:10)'],
      },
    }),
  );
  await page.goto(addressOf({ expr: 'sum(rate(requests_total[5m]))', tab: '1' }));
  const underlined = page.locator('.cm-lintRange-info');
  await underlined.first().waitFor();
  assert.equal((await underlined.allTextContents()).join(''), 'requests_total');
  await page.context().close();
});

test('a slow query can be canceled', async () => {
  const { page } = await openPage(browser);
  await page.route('**/api/v1/query?*', () => undefined);
  await page.goto(addressOf({ expr: 'requests_total', tab: '1' }));
  await page.getByText('Running for').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Canceled.').waitFor();
  await page.unroute('**/api/v1/query?*');
  await page.getByRole('button', { name: 'Run' }).click();
  await seriesCount(page, 3);
  await page.context().close();
});

test('an empty result says why and what was meant', async () => {
  const { page } = await openPage(browser);
  await page.goto(addressOf({ expr: 'request_total', tab: '1' }));
  await page.getByText('There is no metric request_total.').waitFor();
  await page.getByRole('button', { name: 'requests_total', exact: true }).click();
  await seriesCount(page, 3);
  await run(page, 'requests_total{job="db"}');
  await page.getByRole('button', { name: 'web', exact: true }).click();
  await seriesCount(page, 3);
  assert.equal(keysOf(page)['g0.expr'], 'requests_total{job="web"}');
  await page.context().close();
});

test('arrow up brings back what ran, also after the page was closed', async () => {
  const { page } = await openPage(browser);
  await page.goto(addressOf({ expr: '', tab: '1' }));
  await page.locator(EDITOR).waitFor();
  await run(page, 'count(requests_total)');
  await page.waitForURL(/count/);
  await run(page, 'max(requests_total)');
  await page.waitForURL(/max/);
  await page.goto(addressOf({ expr: '', tab: '1' }));
  await page.locator(EDITOR).click();
  await page.keyboard.press('ArrowUp');
  assert.equal(await page.locator(EDITOR).textContent(), 'max(requests_total)');
  await page.keyboard.press('ArrowUp');
  assert.equal(await page.locator(EDITOR).textContent(), 'count(requests_total)');
  await page.keyboard.press('Enter');
  await page.waitForURL(/count/);
  await page.context().close();
});

test('a metric is found in the list of metrics and put where the cursor is', async () => {
  const { page, complaints } = await openPage(browser);
  await page.goto(addressOf({ expr: '', tab: '1' }));
  await page.locator(EDITOR).waitFor();
  await write(page, 'sum()');
  await page.keyboard.press('ArrowLeft');
  await page.getByRole('button', { name: 'Metrics' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('1 of 1').waitFor();
  await page.keyboard.type('req');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await page.locator(EDITOR).textContent(), 'sum(requests_total)');
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('completion offers labels, their values and units where they belong', async () => {
  const { page, complaints } = await openPage(browser);
  await page.goto(addressOf({ expr: '', tab: '1' }));
  await page.locator(EDITOR).click();
  const options = page.locator('.cm-tooltip-autocomplete li');
  const take = async (typed: string, option: string, want: string) => {
    await page.keyboard.type(typed);
    await options.getByText(option, { exact: true }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator(EDITOR).getByText(want).waitFor();
  };
  await take('rate(req', 'requests_total', 'rate(requests_total)');
  await take('{inst', 'instance', 'rate(requests_total{instance=""})');
  await take('', 'a', 'rate(requests_total{instance="a"})');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.type('[5');
  await options.getByText('minutes').waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('completion finds its way through 100,000 names', async () => {
  const { page } = await openPage(browser);
  const names = Array.from({ length: 100_000 }, (_, i) => `service_${i % 977}_requests_${i}_total`);
  await answer(page, 'label/__name__/values', names.sort());
  await page.goto(addressOf({ expr: '', tab: '1' }));
  await page.locator(EDITOR).click();
  await page.keyboard.type('rate(');
  const options = page.locator('.cm-tooltip-autocomplete li');
  await options.first().waitFor();
  const took: number[] = [];
  for (const key of 'req_777_tot') {
    took.push(Number(await page.evaluate(`(${KEY_TO_OPTIONS})(${JSON.stringify(key)})`)));
  }
  assert.match((await options.first().textContent()) ?? '', /service_\d+_requests_\d*777\d*_total/);
  const slowest = Math.max(...took).toFixed(0);
  console.log(`completion over 100,000 names: at most ${slowest} ms from a key to its options`);
  await page.keyboard.press('Enter');
  const written = (await page.locator(EDITOR).textContent()) ?? '';
  assert.match(written, /^rate\(service_\d+_requests_\d+_total\)$/);
  await page.context().close();
});

/** Types a key in the page itself and waits for the list that it leads to: how long that took. */
const KEY_TO_OPTIONS = `(key) => new Promise((resolve) => {
  const start = performance.now();
  const done = () => {
    watch.disconnect();
    resolve(performance.now() - start);
  };
  const watch = new MutationObserver((changes) => {
    const isList = ({ target, addedNodes }) => [target, ...addedNodes].some((node) =>
      node.nodeType === 1 && (node.closest('.cm-tooltip-autocomplete') ||
        node.querySelector('.cm-tooltip-autocomplete li')));
    if (changes.some(isList)) done();
  });
  watch.observe(document.body, { childList: true, subtree: true });
  document.execCommand('insertText', false, key);
  setTimeout(done, 2000);
})`;
