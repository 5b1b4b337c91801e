/** The addresses of the UI: each page is fetched when it is first looked at. */
import {
  type AnyRouter,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import type { ServerSettings } from '../data/server-settings.ts';
import { BrokenPage } from './broken-page.tsx';
import { landingOf } from './menu.ts';
import { MissingPage } from './missing-page.tsx';
import type { PagePath } from './page-paths.ts';
import { PageSkeleton } from './page-skeleton.tsx';
import { parseSearch, printSearch } from './search-text.ts';
import { Shell } from './shell.tsx';

export type AppRouter = AnyRouter;

type LoadPage = () => Promise<{ readonly Page: () => React.ReactNode }>;

const EXPLORE: LoadPage = () => import('../explore/page.tsx');

const PAGES: Readonly<Record<PagePath, LoadPage>> = {
  '/': () => import('../overview/page.tsx'),
  '/graph': EXPLORE,
  '/query': EXPLORE,
  '/replicas': () => import('../replicas/page.tsx'),
  '/stores': () => import('../status/stores-page.tsx'),
  '/targets': () => import('../status/targets-page.tsx'),
  '/service-discovery': () => import('../status/service-discovery-page.tsx'),
  '/metrics-explorer': () => import('../status/metrics-explorer-page.tsx'),
  '/tsdb-status': () => import('../status/tsdb-status-page.tsx'),
  '/flags': () => import('../status/flags-page.tsx'),
  '/config': () => import('../status/config-page.tsx'),
  '/status': () => import('../status/runtime-page.tsx'),
};

export function createAppRouter({ component, prefix }: ServerSettings): AppRouter {
  const root = createRootRoute({ component: Shell, notFoundComponent: MissingPage });
  const landing = landingOf(component);
  const pages = Object.entries(PAGES).map(([path, load]) =>
    createRoute({
      getParentRoute: () => root,
      path,
      component: lazyRouteComponent(load, 'Page'),
      ...(path === '/' && landing !== undefined
        ? {
            beforeLoad: () => {
              throw redirect({ to: landing, replace: true });
            },
          }
        : {}),
    }),
  );
  return createRouter({
    routeTree: root.addChildren(pages),
    basepath: prefix === '' ? '/' : prefix,
    parseSearch,
    stringifySearch: printSearch,
    defaultPreload: 'intent',
    defaultErrorComponent: BrokenPage,
    defaultPendingComponent: PageSkeleton,
    defaultPendingMs: 200,
    scrollRestoration: true,
  });
}
