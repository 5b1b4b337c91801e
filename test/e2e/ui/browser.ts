/** Debian's Chromium for tests of the UI, with a folder of its own, and without anything that reaches beyond this machine. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGUMENTS });
}

export interface WatchedPage {
  readonly page: Page;
  /** What the page complained of: errors of scripts and of the console. */
  readonly complaints: readonly string[];
}

/** A page that nothing was kept for, in English and UTC unless it is told otherwise. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ locale: 'en-US', timezoneId: 'UTC', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // A failed request is told by the page, too: what it makes of it is what counts.
    const isRequest = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isRequest) complaints.push(message.text());
  });
  return { page, complaints };
}
