/** What a browser fetches: all of the built UI, and what its first pages need, each file compressed by itself. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

const ALL_BYTES_MAX = 450_000;
const FIRST_BYTES_MAX = 200_000;

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}

before(() => {
  const { status } = spawnSync(process.execPath, ['ui/build.ts'], { stdio: 'inherit' });
  assert.equal(status, 0);
});

function readManifest(): Readonly<Record<string, Chunk>> {
  return JSON.parse(readFileSync('ui/.manifest.json', 'utf8')) as Readonly<Record<string, Chunk>>;
}

function gzipBytes(file: string): number {
  return gzipSync(readFileSync(`ui/dist/${file}`), { level: 9 }).length;
}

/** The files of an entry and of all that it imports before it runs. */
function filesOf(
  manifest: Readonly<Record<string, Chunk>>,
  entry: string,
  files = new Set<string>(),
): ReadonlySet<string> {
  const chunk = manifest[entry];
  assert(chunk !== undefined, `no chunk for ${entry}`);
  if (files.has(chunk.file)) return files;
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const other of chunk.imports ?? []) filesOf(manifest, other, files);
  return files;
}

test('all of the UI has at most 450 kB', () => {
  const files = globSync('assets/*.{js,css}', { cwd: 'ui/dist' });
  const bytes = files.reduce((sum, file) => sum + gzipBytes(file), 0);
  assert(bytes > 100_000 && bytes <= ALL_BYTES_MAX, `${bytes} bytes, at most ${ALL_BYTES_MAX}`);
});

test('the first page has at most 200 kB, whichever it is', () => {
  const manifest = readManifest();
  for (const page of ['src/overview/page.tsx', 'src/explore/page.tsx']) {
    const shell = filesOf(manifest, 'index.html');
    const files = new Set([...shell, ...filesOf(manifest, page)]);
    const bytes = [...files].reduce((sum, file) => sum + gzipBytes(file), 0);
    const most = `${page}: ${bytes} bytes, at most ${FIRST_BYTES_MAX}`;
    assert(bytes > 100_000 && bytes <= FIRST_BYTES_MAX, most);
  }
});

/** The bundler groups files as it is told, also where a function is then called before its chunk has run. */
test('no chunk imports itself by way of others', () => {
  const manifest = readManifest();
  const visit = (entry: string, path: readonly string[]): void => {
    assert(!path.includes(entry), `${[...path, entry].join(' → ')}`);
    for (const other of manifest[entry]?.imports ?? []) visit(other, [...path, entry]);
  };
  for (const entry of Object.keys(manifest)) visit(entry, []);
});
