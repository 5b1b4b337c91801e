/**
 * Builds ui/dist and compresses it for the server, unless what it was built from has not changed since. Started by
 * `npm ci`, `npm run build:ui` and before packing.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = import.meta.dirname;
const inputs = [
  'src/**',
  'public/**',
  '*.{ts,json,html}',
  '../package-lock.json',
  '../src/{base,model}/*.ts',
  '../src/promql/parse/*.ts',
];
/** Too small to win a packet. */
const COMPRESS_FROM_BYTES = 1024;
const COMPRESSED = /\.(js|css|svg|json|wasm)$/;
const stamp = join(root, '.built-from');
const from = digest();
const isCurrent = existsSync(stamp) && readFileSync(stamp, 'utf8') === from;

if (!isCurrent || !existsSync(join(root, 'dist/index.html'))) {
  await build({ root, logLevel: 'warn' });
  renameSync(join(root, 'dist/.vite/manifest.json'), join(root, '.manifest.json'));
  rmdirSync(join(root, 'dist/.vite'));
  compress();
  writeFileSync(stamp, from);
}

function digest(): string {
  const hash = createHash('sha256');
  const files = inputs.flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
  for (const file of files) {
    const path = join(root, file);
    if (/\.test\.ts$/.test(file) || statSync(path).isDirectory()) continue;
    hash.update(`${file}\0`).update(readFileSync(path));
  }
  return hash.digest('hex');
}

/** `NAME.gz` and `NAME.br` beside each file that gets smaller. */
function compress(): void {
  for (const file of globSync('dist/**', { cwd: root })) {
    const path = join(root, file);
    if (!COMPRESSED.test(path) || statSync(path).size < COMPRESS_FROM_BYTES) continue;
    const bytes = readFileSync(path);
    const hint = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: hint }));
  }
}
