/** Answers that change under the pointer, and answers that take longer than the page waits to ask again. */
import { strict as assert } from 'node:assert';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Program, ready, startCommand, temporaryFolder } from '../real-programs.ts';
import { openPage, startBrowser } from './browser.ts';

const folder = temporaryFolder();
let tsanos: Program;
let browser: Browser;

before(async () => {
  tsanos = await ready(await startCommand('query', [`--block-dir=${folder.path}`]));
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await tsanos?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** So many series with a value at each step that was asked for; `end` is Unix seconds. */
function matrix(url: string, count: number): unknown {
  const asked = new URL(url).searchParams;
  const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(asked.get(name)));
  const times = Array.from(
    { length: Math.floor((end - start) / step) },
    (_, i) => start + i * step,
  );
  const result = Array.from({ length: count }, (_, i) => ({
    metric: { instance: String(i) },
    values: times.map((time) => [time, String(i + 1)]),
  }));
  return { status: 'success', data: { resultType: 'matrix', result } };
}

async function seriesCount(page: Page, count: number): Promise<void> {
  const line = page.getByRole('list', { name: 'Query statistics' });
  await line.getByText(`${count} series`, { exact: true }).waitFor();
}

test('a series that the pointer is on may be gone in the next answer', async () => {
  const { page, complaints } = await openPage(browser);
  const counts = [10, 2];
  await page.route('**/api/v1/query_range*', (route) =>
    route.fulfill({ json: matrix(route.request().url(), counts.shift() ?? 1) }),
  );
  await page.goto(`${tsanos.url}/graph?g0.expr=up&g0.tab=0`);
  await seriesCount(page, 10);
  const plot = page.getByRole('slider').first();
  await plot.hover({ position: { x: 400, y: 30 } });
  await page.locator('.cm-content').first().focus();
  await page.keyboard.press('Enter');
  await seriesCount(page, 2);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a query slower than the refresh is waited for', async () => {
  const { page, complaints } = await openPage(browser);
  await page.clock.install();
  let asked = 0;
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  await page.route('**/api/v1/query_range*', async (route) => {
    asked++;
    await answered;
    await route.fulfill({ json: matrix(route.request().url(), asked) });
  });
  const sent = page.waitForRequest('**/api/v1/query_range*');
  await page.goto(`${tsanos.url}/graph?g0.expr=up&g0.tab=0`);
  await sent;
  await page.getByRole('combobox', { name: 'Refresh' }).selectOption('5000');
  await page.clock.runFor(20_000);
  answer();
  await seriesCount(page, 1);
  await page.clock.runFor(6_000);
  await seriesCount(page, 2);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('figures of an older query are not told of the parts of a new one', async () => {
  const { page, complaints } = await openPage(browser);
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const analysis = { name: 'vectorSelector', start: 0, end: 2, executionMs: 1234, series: 77 };
  let asked = 0;
  await page.route('**/api/v1/query?*', async (route) => {
    if (asked++ > 0) await answered;
    const data = { resultType: 'vector', result: [], ...(asked === 1 && { analysis }) };
    await route.fulfill({ json: { status: 'success', data } });
  });
  await page.goto(`${tsanos.url}/graph?g0.expr=up&g0.tab=explain`);
  const figure = page.getByRole('cell', { name: '77', exact: true });
  await figure.waitFor();
  await page.locator('.cm-content').first().click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('go');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Run' }).first().click();
  await page.getByRole('button', { name: 'go', exact: true }).waitFor();
  assert.equal(await figure.count(), 0);
  answer();
  assert.deepEqual(complaints, []);
  await page.context().close();
});
