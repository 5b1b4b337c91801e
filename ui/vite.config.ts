/** How the UI is built and, by `npm run ui`, served while one works on it, with the API of a running Tsanos. */
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = 'http://127.0.0.1:9090';
const proxied = ['/api', '/-', '/metrics'];

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
  },
  worker: { format: 'es' },
  server: {
    port: 5173,
    host: '127.0.0.1',
    proxy: Object.fromEntries(proxied.map((path) => [path, server])),
  },
});
