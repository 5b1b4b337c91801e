/** Builds the page of pictures on their own and serves it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { build } from 'vite';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

export interface Pictures {
  /** Of a scene of ui/src/graph/testing/harness.tsx. */
  urlOf(scene: string, settings?: Readonly<Record<string, string>>): string;
  close(): void;
}

export async function servePictures(): Promise<Pictures> {
  const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
  const root = join(import.meta.dirname, '../../../ui/src/graph/testing');
  await build({
    root,
    configFile: join(root, '../../../vite.config.ts'),
    logLevel: 'error',
    build: {
      outDir: folder,
      emptyOutDir: true,
      rolldownOptions: { input: join(root, 'harness.html') },
    },
  });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    try {
      const body = readFileSync(join(folder, pathname));
      response.writeHead(200, { 'content-type': TYPES[extname(pathname)] ?? 'text/plain' });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    urlOf: (scene, settings = {}) =>
      `http://127.0.0.1:${port}/harness.html?${new URLSearchParams({ scene, ...settings })}`,
    close: () => {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
