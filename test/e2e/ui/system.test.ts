/** The UI of a whole running system, judged page by page: its layout, its accessibility, and what it complains of. */
import { strict as assert } from 'node:assert';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { LocalSystem } from '../local-system.ts';
import { startBrowser } from './browser.ts';
import { crawl } from './crawler.ts';
import { JUDGED_PAGES, type JudgedPage, type Look, openLook, visit } from './judged-pages.ts';
import { accessibilityFaults, sidewaysFaults } from './page-faults.ts';

const PICTURES = 'artifacts/ui';
/** Each theme and language, at the widths of a desktop, a tablet and a phone. */
const LOOKS: readonly Look[] = [
  { theme: 'light', language: 'en', width: 1440 },
  { theme: 'dark', language: 'ko', width: 1440 },
  { theme: 'light', language: 'ko', width: 768 },
  { theme: 'dark', language: 'en', width: 390 },
];

const system = new LocalSystem();
let browser: Browser;

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  system.start();
  [browser] = await Promise.all([startBrowser(), system.ready()]);
  await system.until({ query: 'count(up == 1)' }, ([only]) => Number(only?.value?.[1]) >= 7);
});

after(async () => {
  await browser?.close();
  await system[Symbol.asyncDispose]();
});

const urlOf = ({ component, path }: JudgedPage): string => `${system.urlOf(component)}${path}`;

for (const look of LOOKS) {
  const { theme, language, width } = look;
  const name = `${theme}, ${language}, ${width} px`;
  test(`no page in ${name} scrolls sideways or shuts anybody out`, async () => {
    const watched = await openLook(browser, look);
    const faults: string[] = [];
    for (const judged of JUDGED_PAGES) {
      await visit(watched, urlOf(judged));
      const found = [
        ...(await sidewaysFaults(watched.page)),
        ...(await accessibilityFaults(watched.page)),
      ];
      faults.push(...found.map((fault) => `${judged.name}: ${fault}`));
      const path = `${PICTURES}/${judged.name}-${theme}-${language}-${width}.png`;
      await watched.page.screenshot({ path });
    }
    await watched.page.context().close();
    assert.deepEqual([...faults, ...watched.complaints], []);
  });
}

test('one stopped querier is made up for, two are told of', async () => {
  const queriers = ['query-a', 'query-b'].map((name) => system.pidOf(name) ?? assert.fail(name));
  const told = {
    en: ['The server is not ready', 'It may be starting. Try again in a moment.'],
    ko: ['서버가 아직 준비되지 않았습니다', '시작하는 중일 수 있습니다. 잠시 후 다시 시도하세요.'],
  };
  const signal = (name: 'SIGSTOP' | 'SIGCONT', pids: readonly number[]): void => {
    for (const pid of pids) process.kill(pid, name);
  };
  const url = `${system.urlOf('entry')}/graph?g0.expr=up&g0.tab=1`;
  try {
    signal('SIGSTOP', queriers.slice(0, 1));
    const served = await openLook(browser, LOOKS[0]);
    await visit(served, url);
    await served.page.getByText('job="prometheus"').first().waitFor();
    assert.deepEqual(served.complaints, []);
    await served.page.context().close();
    signal('SIGSTOP', queriers);
    for (const language of ['en', 'ko'] as const) {
      const { page, complaints } = await openLook(browser, { ...LOOKS[0], language });
      await page.goto(url);
      const note = await page.getByRole('alert').first().innerText();
      for (const words of told[language]) assert.ok(note.includes(words), note);
      assert.match(note, /http:\/\/127\.0\.0\.1:\d+ is down: /);
      assert.deepEqual(complaints, []);
      await page.screenshot({ path: `${PICTURES}/stopped-light-${language}-1440.png` });
      await page.context().close();
    }
  } finally {
    signal('SIGCONT', queriers);
  }
  await system.until({ query: 'count(up == 1)' }, ([only]) => Number(only?.value?.[1]) >= 7);
});

test('a button without a name and a box that is too wide are found', async () => {
  const watched = await openLook(browser, { theme: 'light', language: 'en', width: 390 });
  await visit(watched, `${system.urlOf('entry')}/stores`);
  await watched.page.evaluate(`document.querySelector('main').append(
    document.createElement('button'),
    Object.assign(document.createElement('div'), { style: 'width: 500px; height: 1px' }),
  )`);
  const [name, ...others] = await accessibilityFaults(watched.page);
  assert.match(name ?? '', /^button-name: #content > button:/);
  assert.deepEqual(others, []);
  const [width, box] = await sidewaysFaults(watched.page);
  assert.match(`${width} ${box}`, /^5\d\d px on a page of 390 px DIV/);
  await watched.page.context().close();
});

test('each kind of control on every page does something, and nothing complains', async (t) => {
  const seen = new Set<string>();
  const faults: string[] = [];
  let pressed = 0;
  for (const judged of JUDGED_PAGES) {
    const watched = await openLook(browser, LOOKS[0]);
    const found = await crawl(watched, urlOf(judged), seen);
    pressed += found.pressed;
    faults.push(...found.faults.map((fault) => `${judged.name}: ${fault}`));
    await watched.page.context().close();
  }
  t.diagnostic(`${pressed} controls pressed`);
  assert.ok(pressed > 80);
  assert.deepEqual(faults, []);
});
