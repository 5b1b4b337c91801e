/** The addresses that have a page: the server serves these, the router has a script for each. */
export const PAGE_PATHS = [
  '/',
  '/graph',
  '/query',
  '/replicas',
  '/stores',
  '/targets',
  '/service-discovery',
  '/metrics-explorer',
  '/tsdb-status',
  '/flags',
  '/config',
  '/status',
] as const;

export type PagePath = (typeof PAGE_PATHS)[number];
