/** How the UI is built and, by `npm run ui`, served while one works on it, with the API of a running Tsanos. */
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = 'http://127.0.0.1:9090';
const proxied = ['/api', '/-', '/metrics'];

/** Small files that go together compress better as one, and come with one request; the first that fits counts. */
const GROUPS = [
  { name: 'status', test: /ui\/src\/status\// },
  { name: 'table', test: /ui\/src\/parts\/(data-table|table-rows)|@tanstack\/(react-)?virtual/ },
  { name: 'parts', test: /ui\/src\/parts\// },
  {
    name: 'base',
    test: /node_modules\/(react|scheduler|clsx|use-sync|@tanstack|@mantine)|src\/(text|data)\//,
  },
].map((group, i, { length }) => ({ ...group, priority: length - i }));

export default defineConfig({
  // Pages may be served under any prefix: the server writes it into index.html, scripts find each other by themselves.
  base: './',
  plugins: [react()],
  resolve: { alias: { re2js: join(import.meta.dirname, 'src/editor/unchecked-regex.ts') } },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
    reportCompressedSize: false,
    manifest: true,
    rolldownOptions: {
      output: { codeSplitting: { groups: GROUPS, includeDependenciesRecursively: false } },
    },
  },
  worker: { format: 'es' },
  server: {
    port: 5173,
    host: '127.0.0.1',
    proxy: Object.fromEntries(proxied.map((path) => [path, server])),
  },
});
