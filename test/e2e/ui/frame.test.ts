import { strict as assert } from 'node:assert';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type Program, ready, startCommand } from '../real-programs.ts';
import { openPage, startBrowser } from './browser.ts';

const PREFIX = '/behind/a-proxy';
const OPTIONS = ['--grpc-address=127.0.0.1:0', `--web.external-prefix=${PREFIX}`];
let tsanos: Program;
let browser: Browser;

before(async () => {
  tsanos = await ready(await startCommand('query', OPTIONS));
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await tsanos?.[Symbol.asyncDispose]();
});

/** Opens a page; at its end nothing may have complained. */
async function look(
  path: string,
  use: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  const { page, complaints } = await openPage(browser, options);
  await page.goto(`${tsanos.url}${PREFIX}${path}`);
  await page.getByRole('banner').waitFor();
  await use(page);
  assert.deepEqual(complaints, []);
  await page.context().close();
}

const PHONE = { viewport: { width: 390, height: 844 } };

test('pages lie under the prefix, and the first address leads to one', async () => {
  await look('/stores', async (page) => {
    await page.getByRole('link', { name: 'Targets' }).click();
    await page.waitForURL(`${tsanos.url}${PREFIX}/targets`);
    await page.goto(tsanos.url);
    await page.waitForURL(`${tsanos.url}${PREFIX}/graph`);
  });
});

test('keys lead to pages and dialogs, and mean nothing in a field', async () => {
  await look('/targets', async (page) => {
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('f');
    await page.waitForURL('**/flags');
    await page.getByRole('searchbox').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('gs?');
    assert.equal(await page.getByRole('searchbox').first().inputValue(), 'gs?');
    assert.equal(await page.getByRole('dialog').count(), 0);
  });
});

test('language and theme change at once, and are kept', async () => {
  await look('/stores', async (page) => {
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByText('한국어').click();
    await page.getByRole('heading', { name: '스토어', exact: true }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'ko');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: '어두운 테마로 바꾸기' }).click();
    const scheme = page.locator('html[data-mantine-color-scheme="dark"]');
    await scheme.waitFor();
    await page.reload();
    await scheme.waitFor();
    await page.getByRole('heading', { name: '스토어', exact: true }).waitFor();
    assert.equal(await page.title(), '스토어 · Tsanos');
  });
});

test('in a narrow window the menu opens by its button and closes by choosing', async () => {
  await look(
    '/stores',
    async (page) => {
      const flags = page.getByRole('link', { name: 'Flags' });
      assert.equal(await flags.isVisible(), false);
      await page.getByRole('button', { name: 'Open menu' }).click();
      await flags.click();
      await page.waitForURL('**/flags');
      await flags.waitFor({ state: 'hidden' });
      const widths = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      assert.equal(await page.evaluate(widths), 0);
    },
    PHONE,
  );
});

test('an address that no page has says so; the first tab stop passes the menu', async () => {
  await look('/no/such/page', async (page) => {
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('document.activeElement.id'), 'content');
  });
});
