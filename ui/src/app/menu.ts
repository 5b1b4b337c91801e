/** Which pages there are, where they lie, and which of them the component that serves the UI has. */
import type { ComponentKind } from '../data/server-settings.ts';
import type { Catalogue } from '../text/catalogue.ts';

export type PageName = Exclude<
  keyof Catalogue['app']['menu'],
  'label' | 'open' | 'close' | 'status'
>;

export interface MenuItem {
  readonly page: PageName;
  readonly path: string;
  /** Pressed after `g`. */
  readonly key: string;
}

export interface Menu {
  readonly main: readonly MenuItem[];
  /** Under `Status`. */
  readonly status: readonly MenuItem[];
}

const item = (page: PageName, path: string, key: string): MenuItem => ({ page, path, key });

const OVERVIEW = item('overview', '/', 'o');
const EXPLORE = item('explore', '/graph', 'e');
const REPLICAS = item('replicas', '/replicas', 'p');
const STORES = item('stores', '/stores', 's');
const TARGETS = item('targets', '/targets', 't');
const METRICS = item('metrics', '/metrics-explorer', 'm');
const DISCOVERY = item('discovery', '/service-discovery', 'd');
const TSDB = item('tsdb', '/tsdb-status', 'b');
const FLAGS = item('flags', '/flags', 'f');
const CONFIG = item('config', '/config', 'c');
const RUNTIME = item('runtime', '/status', 'r');

const QUERIER: Menu = {
  main: [OVERVIEW, EXPLORE, REPLICAS, STORES, TARGETS, METRICS],
  status: [RUNTIME, TSDB, FLAGS],
};

const SERVER: Menu = {
  main: [{ ...EXPLORE, path: '/query' }, TARGETS, METRICS],
  status: [RUNTIME, TSDB, FLAGS, CONFIG, DISCOVERY],
};

/** Components that have no pages of their own yet show what they run with. */
const OTHERS: Menu = { main: [], status: [RUNTIME, FLAGS] };

const MENUS: Readonly<Partial<Record<ComponentKind, Menu>>> = {
  up: QUERIER,
  query: QUERIER,
  prometheus: SERVER,
};

export function menuOf(component: ComponentKind): Menu {
  return MENUS[component] ?? OTHERS;
}

/** Where `/` leads; undefined where it is a page itself. */
export function landingOf(component: ComponentKind): string | undefined {
  const { main, status } = menuOf(component);
  const first = (main[0] ?? status[0])?.path ?? '/status';
  return first === '/' ? undefined : first;
}
