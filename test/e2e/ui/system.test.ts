/** The UI of a whole running system, judged page by page: its layout, its accessibility, and what it complains of. */
import { strict as assert } from 'node:assert';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { LocalSystem } from '../local-system.ts';
import { startBrowser } from './browser.ts';
import { JUDGED_PAGES, type JudgedPage, LOOK, type Look, openLook, visit } from './judged-pages.ts';
import { accessibilityFaults, sidewaysFaults } from './page-faults.ts';

const PICTURES = 'artifacts/ui';
const THEMES = ['light', 'dark'] as const;
const WIDTHS = [390, 768, 1440];

const system = new LocalSystem();
let browser: Browser;

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  system.start();
  [browser] = await Promise.all([startBrowser(), system.ready()]);
  await system.until({ query: 'count(up == 1)' }, ([only]) => Number(only?.value?.[1]) >= 8);
});

after(async () => {
  await browser?.close();
  await system[Symbol.asyncDispose]();
});

const urlOf = ({ component, path }: JudgedPage): string => `${system.urlOf(component)}${path}`;

/** Opens every page in one look, and gives back what the judge and the page itself complain of. */
async function judge(
  look: Look,
  faultsOf: (page: import('playwright-core').Page) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const watched = await openLook(browser, look);
  const faults: string[] = [];
  for (const judged of JUDGED_PAGES) {
    await visit(watched, urlOf(judged));
    for (const fault of await faultsOf(watched.page)) faults.push(`${judged.name}: ${fault}`);
    const { theme, language, width } = look;
    const path = `${PICTURES}/${judged.name}-${theme}-${language}-${width}.png`;
    await watched.page.screenshot({ path });
  }
  await watched.page.context().close();
  return [...faults, ...watched.complaints];
}

for (const width of WIDTHS) {
  test(`no page scrolls sideways at ${width} px, in either language`, async () => {
    assert.deepEqual(await judge({ ...LOOK, width }, sidewaysFaults), []);
    assert.deepEqual(await judge({ ...LOOK, width, language: 'ko' }, sidewaysFaults), []);
  });
}

for (const theme of THEMES) {
  test(`axe finds nothing serious on any page in the ${theme} theme`, async () => {
    assert.deepEqual(await judge({ ...LOOK, theme }, accessibilityFaults), []);
  });
}
