/** Graphs, heatmaps and tables of results as a browser draws them: judged by their pixels and by what they do. */
import { strict as assert } from 'node:assert';
import { after, before, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import type { TimeRange } from '../../../ui/src/graph/matrix.ts';
import { PALETTE } from '../../../ui/src/graph/palette.ts';
import { openPage, startBrowser } from './browser.ts';
import { type Pictures, servePictures } from './pictures.ts';

const SIZE = { width: 1200, height: 800 };

let pictures: Pictures;
let browser: Browser;

before(async () => {
  [pictures, browser] = await Promise.all([servePictures(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  pictures?.close();
});

interface Scene extends AsyncDisposable {
  readonly page: Page;
  readonly plot: Locator;
}

/** A scene that is drawn; complaints of the page fail the test when it closes. */
async function open(name: string, settings: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const { page, complaints } = await openPage(browser, { viewport: SIZE });
  await page.goto(pictures.urlOf(name, settings));
  const plot = page.getByRole('slider').first();
  return {
    page,
    plot,
    [Symbol.asyncDispose]: async () => {
      await page.context().close();
      assert.deepEqual(complaints, []);
    },
  };
}

const SERIES = '.graph-series';

/** What the page of pictures has seen, or reads from its canvases (ui/src/graph/testing/pixels.ts). */
function ask<T>({ page }: Scene, expression: string): Promise<T> {
  return page.evaluate<T>(`seen.${expression}`);
}

async function drawn({ page }: Scene): Promise<void> {
  await page.waitForFunction(`seen.isDrawn('${SERIES}')`);
}

async function coloursOn(scene: Scene): Promise<ReadonlyMap<string, number>> {
  return new Map(
    Object.entries(await ask<Record<string, number>>(scene, `coloursOn('${SERIES}')`)),
  );
}

async function box(of: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const found = await of.boundingBox();
  assert.ok(found !== null);
  return found;
}

test('each colour of the legend is on the canvas, in both schemes', async () => {
  for (const scheme of ['light', 'dark'] as const) {
    await using scene = await open('lines', { scheme });
    await drawn(scene);
    const legend = await ask<string[]>(scene, 'swatches()');
    assert.equal(new Set(legend).size, 6);
    const seen = await coloursOn(scene);
    for (const colour of legend) {
      assert.ok(PALETTE[scheme].includes(colour), colour);
      assert.ok((seen.get(colour) ?? 0) > 20, `${scheme}: ${colour} is drawn`);
    }
  }
});

test('the bands of a stack are as high as their values, one on the other', async () => {
  await using scene = await open('flat');
  await drawn(scene);
  // Values 20, 30 and 50 on an axis from 0 to 106.
  const edges = await ask<number[]>(scene, `edges('${SERIES}')`);
  const want = [20 / 106, 50 / 106, 100 / 106];
  assert.equal(edges.length, want.length, String(edges));
  for (let i = 0; i < 3; i++) assert.ok(Math.abs(edges[i] - want[i]) < 0.01, String(edges));
});

test('dragging zooms to the range that was dragged, a double click zooms out', async () => {
  await using scene = await open('lines');
  await drawn(scene);
  const over = await box(scene.page.locator('.u-over'));
  await scene.page.mouse.move(over.x + over.width * 0.25, over.y + 50);
  await scene.page.mouse.down();
  await scene.page.mouse.move(over.x + over.width * 0.4, over.y + 60, { steps: 4 });
  await scene.page.mouse.move(over.x + over.width * 0.5, over.y + 60, { steps: 4 });
  await scene.page.mouse.up();
  const [zoom, ...others] = await ask<TimeRange[]>(scene, 'zooms');
  assert.equal(others.length, 0);
  const startMs = await ask<number>(scene, 'startMs');
  const span = 239 * (await ask<number>(scene, 'stepMs'));
  assert.ok(Math.abs(zoom.startMs - (startMs + span * 0.25)) < span * 0.01);
  assert.ok(Math.abs(zoom.endMs - (startMs + span * 0.5)) < span * 0.01);
  await scene.page.mouse.dblclick(over.x + over.width * 0.5, over.y + 60);
  assert.equal(await ask(scene, 'zoomsOut'), 1);
});

test('keys move the crosshair, mark a range and zoom into it', async () => {
  await using scene = await open('lines');
  await drawn(scene);
  const { page, plot } = scene;
  await plot.focus();
  await page.keyboard.press('Home');
  assert.match(`${await plot.getAttribute('aria-valuetext')}`, /^2026-11-24 09:00:00, \{instance=/);
  await page.keyboard.press('PageDown');
  for (let i = 0; i < 4; i++) await page.keyboard.press('Shift+ArrowRight');
  assert.equal(await plot.getAttribute('aria-valuenow'), '14');
  await page.keyboard.press('Enter');
  const startMs = await ask<number>(scene, 'startMs');
  const stepMs = await ask<number>(scene, 'stepMs');
  assert.deepEqual(await ask(scene, 'zooms'), [
    { startMs: startMs + 10 * stepMs, endMs: startMs + 14 * stepMs },
  ]);
});

test('the pointer names the nearest series, and other pictures mark its time', async () => {
  await using scene = await open('synced');
  await drawn(scene);
  const over = await box(scene.page.locator('.u-over').first());
  await scene.page.mouse.move(over.x + over.width / 2, over.y + over.height / 2);
  const names = ['host-0', 'host-1', 'host-2'].map((name) => `{instance="${name}:9100"}`);
  const shown = await scene.page.locator('main').innerText();
  assert.ok(
    names.some((name) => shown.split(name).length > 2),
    'named twice',
  );
  const marks = scene.page.locator('.graph-crosshair');
  assert.equal(await marks.count(), 2);
  for (const mark of await marks.all()) assert.ok(await mark.isVisible());
  await scene.page.mouse.move(5, 5);
  for (const mark of await marks.all()) assert.ok(!(await mark.isVisible()));
});

test('a click in the legend leaves one series, Ctrl takes one out, and so do keys', async () => {
  await using scene = await open('lines');
  await drawn(scene);
  const { page } = scene;
  const rows = page.locator('section li button');
  const legend = await ask<string[]>(scene, 'swatches()');
  const shown = async (): Promise<boolean[]> => {
    const seen = await coloursOn(scene);
    return legend.map((colour) => (seen.get(colour) ?? 0) > 20);
  };
  await rows.nth(2).click();
  await page.mouse.move(5, 5);
  assert.deepEqual(await shown(), [false, false, true, false, false, false]);
  await rows.nth(2).click();
  await rows.nth(0).click({ modifiers: ['ControlOrMeta'] });
  await page.mouse.move(5, 5);
  assert.deepEqual(await shown(), [false, true, true, true, true, true]);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  assert.deepEqual(await shown(), [false, false, true, true, true, true]);
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  assert.deepEqual(await shown(), [false, false, false, false, false, true]);
});

test('an exemplar opens with its labels and its trace', async () => {
  await using scene = await open('lines');
  await drawn(scene);
  await scene.plot.focus();
  await scene.page.keyboard.press('Home');
  await scene.page.keyboard.press('e');
  const card = scene.page.getByRole('dialog');
  assert.match(await card.innerText(), /00f067aa0ba902b7/);
  await scene.page.keyboard.press('Escape');
  assert.equal(await card.count(), 0);
});

test('gaps stay open and a lone sample is seen', async () => {
  await using scene = await open('broken');
  await drawn(scene);
  const legend = await ask<string[]>(scene, 'swatches()');
  const [gap, lone, , ends] = await Promise.all(
    legend.map((colour) => ask<number[]>(scene, `placesOf('${SERIES}', '${colour}')`)),
  );
  assert.ok(gap.some((x) => x < 0.33) && gap.some((x) => x > 0.52));
  assert.ok(!gap.some((x) => x > 41 / 119 && x < 59 / 119));
  assert.ok(lone.length > 0 && lone.every((x) => Math.abs(x - 30 / 119) < 0.01));
  assert.ok(ends.every((x) => x < 70 / 119));
});

test('a heatmap says which bucket is under the crosshair, and how many fell into it', async () => {
  await using scene = await open('synced');
  await drawn(scene);
  const { page } = scene;
  const heatmap = page.getByRole('slider', { name: 'latency' });
  await heatmap.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  const few = `${await heatmap.getAttribute('aria-valuetext')}`;
  assert.match(few, /^2026-11-24 09:00:00, 2 ms … 2\.82843 ms: \d+$/);
  const counts: number[] = [];
  for (let i = 0; i < 6; i++) {
    counts.push(Number(`${await heatmap.getAttribute('aria-valuetext')}`.split(': ')[1]));
    await page.keyboard.press('ArrowUp');
  }
  assert.deepEqual(
    counts,
    [...counts].sort((a, b) => a - b),
  );
});

test('ten thousand rows scroll, sort and filter with few of them in the page', async () => {
  await using scene = await open('table');
  const { page } = scene;
  const rows = page.locator('tbody tr[data-index]');
  await rows.first().waitFor();
  assert.ok((await rows.count()) < 80);
  assert.equal(await page.getByText('NaN', { exact: true }).count(), 1);
  await page.getByRole('button', { name: 'Value' }).click();
  assert.match(await rows.first().innerText(), /\+Inf$/);
  await page.locator('section').evaluate((section) => section.scrollTo(0, section.scrollHeight));
  await page.locator('tr[data-index="9999"]').waitFor();
  await page.getByRole('searchbox').fill('host-777 xfs');
  await page.getByText('of 10,000 series').waitFor();
  for (const text of await rows.allInnerTexts()) assert.match(text, /host-777/);
});

/** Frames while the pointer drags over a graph for some hundred pixels, in milliseconds each. */
async function dragFrames(scene: Scene): Promise<number[]> {
  const { page } = scene;
  const over = await box(page.locator('.u-over'));
  await page.evaluate('seen.frames = seen.watchFrames()');
  await page.mouse.move(over.x + 100, over.y + 100);
  await page.mouse.down();
  for (let i = 0; i < 60; i++) await page.mouse.move(over.x + 100 + i * 8, over.y + 100 + i);
  await page.mouse.up();
  const at = await ask<number[]>(scene, 'frames');
  return at.slice(1).map((time, i) => time - at[i]);
}

test('dragging over a hundred series of a thousand steps zooms', async (t) => {
  await using scene = await open('hundred');
  await drawn(scene);
  await scene.page.waitForTimeout(300);
  const frames = (await dragFrames(scene)).sort((a, b) => a - b);
  const at = (share: number): string => frames[Math.floor(frames.length * share)].toFixed(1);
  t.diagnostic(`${frames.length} frames: median ${at(0.5)} ms, 95 % ${at(0.95)} ms`);
  assert.equal(await ask(scene, 'zooms.length'), 1);
});

test('a million samples are parsed by a worker and drawn to the last spike', async (t) => {
  for (const name of ['million', 'long']) {
    await using scene = await open(name);
    await drawn(scene);
    await scene.page.waitForTimeout(1500);
    const parseMs = Math.round(await ask<number>(scene, 'parseMs'));
    const tasks = await ask<number[]>(scene, 'tasks');
    t.diagnostic(`${name}: parsed in ${parseMs} ms, then tasks of ${tasks.join(', ')} ms`);
    const heights = await ask<number[]>(scene, `heights('${SERIES}')`);
    // One sample of one series is 300, all others are about 100.
    const tall = heights.flatMap((height, x) => (height > 0.8 ? [x / heights.length] : []));
    assert.ok(tall.length > 0 && tall.every((x) => Math.abs(x - 0.7) < 0.005), `${name}: ${tall}`);
    assert.ok(
      heights.every((height) => height > 0.2),
      'every column has its lines',
    );
  }
});
