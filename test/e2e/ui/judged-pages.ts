/** The pages of a running system that all judges look at, and how they are opened. */
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { openPage, type WatchedPage } from './browser.ts';
import { settle } from './page-faults.ts';

export interface JudgedPage {
  readonly name: string;
  readonly component: 'entry' | 'prometheus-a';
  readonly path: string;
}

const entry = (name: string, path: string): JudgedPage => ({ name, component: 'entry', path });
const server = (name: string, path: string): JudgedPage => ({
  name,
  component: 'prometheus-a',
  path,
});

const RATE = encodeURIComponent(
  'sum by (job, instance) (rate(prometheus_http_requests_total[1m]))',
);

export const JUDGED_PAGES: readonly JudgedPage[] = [
  entry('overview', '/'),
  entry('explore', '/graph'),
  entry('graph', `/graph?g0.expr=${RATE}&g0.tab=0&g0.range_input=5m`),
  entry('table', '/graph?g0.expr=up&g0.tab=1'),
  entry('explain', `/graph?g0.expr=${RATE}&g0.tab=explain`),
  entry('replicas', '/replicas'),
  entry('stores', '/stores'),
  entry('targets', '/targets'),
  entry('metrics', '/metrics-explorer'),
  entry('tsdb', '/tsdb-status'),
  entry('flags', '/flags'),
  entry('runtime', '/status'),
  server('server-explore', '/query'),
  server('server-targets', '/targets'),
  server('config', '/config'),
  server('discovery', '/service-discovery'),
];

export interface Look {
  readonly theme: 'light' | 'dark';
  readonly language: 'en' | 'ko';
  readonly width: number;
}

/** A page that nobody has opened before, in the look that is asked for. */
export function openLook(
  browser: Browser,
  { theme, language, width }: Look,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  return openPage(browser, {
    colorScheme: theme,
    locale: language === 'ko' ? 'ko-KR' : 'en-US',
    viewport: { width, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
}

export async function visit({ page }: WatchedPage, url: string): Promise<void> {
  await page.goto(url);
  await settle(page);
}
