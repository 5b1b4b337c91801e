/** The rooms of src/ and the floor of each: a file imports its own room or rooms on lower floors. */
export const FLOORS: Readonly<Record<string, number>> = {
  base: 0,
  model: 1,
  world: 1,
  telemetry: 2,
  chunk: 2,
  wire: 2,
  transport: 3,
  cache: 4,
  storage: 4,
  discovery: 4,
  objstore: 5,
  promql: 5,
  tsdb: 5,
  scrape: 5,
  notify: 5,
  blockstore: 6,
  config: 6,
  rules: 6,
  remote: 6,
  ingest: 6,
  storeapi: 7,
  compactor: 7,
  shipper: 7,
  engine: 7,
  query: 8,
  receive: 8,
  frontend: 8,
  api: 9,
  operate: 10,
  cmd: 11,
};

/** The rooms of ui/src/, which stand on floors of their own. */
export const UI_FLOORS: Readonly<Record<string, number>> = {
  text: 0,
  data: 1,
  parts: 2,
  graph: 3,
  editor: 3,
  explore: 4,
  overview: 4,
  replicas: 4,
  status: 4,
  app: 5,
};

/** What the UI may import from src/: all of it runs in a browser. */
export const UI_MAY_IMPORT: readonly string[] = ['src/model/', 'src/promql/parse/'];

/** Entry points whose import closure must run in a browser: no `node:` module, no native package. */
export const BROWSER_SAFE: readonly string[] = ['src/promql/public.ts'];

/** Files that nothing imports because something outside starts them. */
export const ENTRIES: readonly string[] = [
  'src/cmd/main.ts',
  'src/cmd/worker.ts',
  'src/cmd/compaction-worker.ts',
  'src/cmd/ingest.ts',
  'src/cmd/write-docs.ts',
  'src/cmd/promqltest.ts',
  'src/cmd/public.ts',
  'src/blockstore/index-header.ts',
  'src/blockstore/meta-filters.ts',
  'src/objstore/open-caching-bucket.ts',
  'src/promql/public.ts',
  'src/tsdb/public.ts',
  'bench/run.ts',
  'test/crash/run.ts',
  'bench/endurance/run.ts',
  'bench/endurance/fast-clock.ts',
  'test/run.ts',
  'test/simulation/run.ts',
  'test/simulation/worker.ts',
  'test/tally.ts',
  'ui/build.ts',
  'ui/vite.config.ts',
  'ui/src/main.tsx',
  'ui/src/editor/unchecked-regex.ts',
  'ui/src/graph/sparkline.tsx',
];

/** Only these rooms may reach for the outside world directly. */
export const WORLDLY: readonly string[] = ['world', 'cmd'];
