/** The architecture and the style as a test: floors, sizes, names, bans, dead files. */
import { strict as assert } from 'node:assert';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { BROWSER_SAFE, ENTRIES, FLOORS, UI_FLOORS, UI_MAY_IMPORT, WORLDLY } from './floors.ts';

const FILE_LINES_MAX = 600;
const FUNCTION_LINES_MAX = 70;
const LINE_COLUMNS_MAX = 100;

interface Source {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly imports: readonly string[];
}

const sources = globSync([
  'src/**/*.ts',
  'test/**/*.ts',
  'bench/**/*.ts',
  'ui/*.ts',
  'ui/src/**/*.{ts,tsx}',
])
  .filter((path) => !path.endsWith('.d.ts'))
  .map(readSource);
const byPath = new Map(sources.map((source) => [source.path, source]));
const written = sources.filter(({ path }) => !isGenerated(path));
const pages = written.filter(({ path }) => path.startsWith('ui/src/') && !isTest(path));
const product = written.filter(({ path }) => path.startsWith('src/') && !isTest(path));

function readSource(path: string): Source {
  const text = readFileSync(path, 'utf8');
  const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((m) => m[1] ?? '');
  const room = path.split('/')[path.startsWith('ui/src/') ? 2 : 1] ?? '';
  return { path, room, text, lines: text.split('\n'), imports };
}

function isGenerated(path: string): boolean {
  return path.includes('/gen/') || path.endsWith('.data.ts');
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.endsWith('.bench.ts') || path.includes('/testing/');
}

function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return normalize(join(dirname(from), specifier));
}

function none(faults: readonly string[]): void {
  assert.equal(faults.length, 0, `\n${faults.join('\n')}\n`);
}

test('every file of src/ lies in a known room', () => {
  none(sources.filter((s) => s.path.startsWith('src/') && !(s.room in FLOORS)).map((s) => s.path));
});

test('imports go to the own room or to a lower floor', () => {
  const faults = product.flatMap(({ path, room, imports }) =>
    imports.flatMap((specifier) => {
      const target = resolveImport(path, specifier);
      if (target === undefined || target.endsWith('.wasm')) return [];
      const targetRoom = target.split('/')[1] ?? '';
      if (!target.startsWith('src/')) return [`${path}: ${specifier} leaves src/`];
      if (targetRoom === room) return [];
      const allowed = (FLOORS[targetRoom] ?? 99) < (FLOORS[room] ?? -1);
      return allowed ? [] : [`${path}: room ${room} must not import ${targetRoom} (${specifier})`];
    }),
  );
  none(faults);
});

test('rooms of the UI import lower floors of it, and of src/ what runs in a browser', () => {
  const faults = pages.flatMap(({ path, room, imports }) =>
    imports.flatMap((specifier) => {
      if (specifier.startsWith('node:')) return [`${path}: ${specifier}`];
      const target = resolveImport(path, specifier);
      if (target === undefined) return [];
      if (UI_MAY_IMPORT.some((start) => target.startsWith(start))) return [];
      if (!target.startsWith('ui/src/')) return [`${path}: ${specifier} leaves ui/src/`];
      const targetRoom = target.split('/')[2] ?? '';
      const isAllowed = (UI_FLOORS[targetRoom] ?? 99) < (UI_FLOORS[room] ?? -1);
      if (targetRoom === room || path === 'ui/src/main.tsx' || isAllowed) return [];
      return [`${path}: room ${room} must not import ${targetRoom} (${specifier})`];
    }),
  );
  none(faults);
});

test('every text of the UI is in its catalogue', () => {
  const faults = pages
    .filter(({ path, room }) => path.endsWith('.tsx') && room !== 'text')
    .flatMap(({ path, lines }) =>
      lines.flatMap((line, i) =>
        LETTERS_SHOWN.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [],
      ),
    );
  none(faults);
});

/** Words between tags, and attributes that are read out or shown. */
const LETTERS_SHOWN =
  /[^=]>\s*[A-Za-z가-힣][^<>{}()=;]*<\/|\s(title|label|placeholder|alt|aria-label|description)="[^"]*[A-Za-z가-힣]/;

test('relative imports exist and name their extension', () => {
  const faults = written.flatMap(({ path, imports }) =>
    imports.flatMap((specifier) => {
      const target = resolveImport(path, specifier);
      return target === undefined || existsSync(target) ? [] : [`${path}: ${specifier}`];
    }),
  );
  none(faults);
});

test('only cmd imports world', () => {
  const faults = product
    .filter(({ room }) => room !== 'cmd' && room !== 'world')
    .filter(({ imports }) => imports.some((specifier) => specifier.includes('/world/')))
    .map(({ path }) => path);
  none(faults);
});

test('what the promql export needs runs in a browser', () => {
  const seen = new Set<string>();
  const faults: string[] = [];
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const source = byPath.get(path);
    for (const specifier of source?.imports ?? []) {
      const target = resolveImport(path, specifier);
      if (specifier.startsWith('node:')) faults.push(`${path}: ${specifier}`);
      if (target !== undefined) visit(target);
    }
  };
  for (const entry of BROWSER_SAFE) visit(entry);
  none(faults);
});

const BANS: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  { pattern: /\bDate\.now\(|\bnew Date\(\)/, instead: 'a Clock' },
  { pattern: /\bperformance\.now\(/, instead: 'a Clock' },
  { pattern: /\bset(Timeout|Interval|Immediate)\(/, instead: 'a Clock' },
  { pattern: /AbortSignal\.timeout\(/, instead: 'deadlineSignal' },
  { pattern: /\bMath\.random\(/, instead: 'a Random' },
  { pattern: /\bprocess\.(env|argv)\b/, instead: 'an option of the command' },
  { pattern: /from 'node:(fs|worker_threads|child_process)(\/promises)?'/, instead: 'a contract' },
];

test('clock, chance, files, threads and environment are passed in', () => {
  const faults = product
    .filter(({ room }) => !WORLDLY.includes(room))
    .flatMap(({ path, lines }) =>
      lines.flatMap((line, i) =>
        BANS.filter(({ pattern }) => pattern.test(line)).map(
          ({ instead }) => `${path}:${i + 1}: use ${instead} instead of ${line.trim()}`,
        ),
      ),
    );
  none(faults);
});

const HABITS: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b/, why: 'finish it or leave it out' },
  { pattern: /@ts-(ignore|nocheck|expect-error)/, why: 'make the types true' },
  { pattern: /biome-ignore/, why: 'write it so that the rule holds' },
  { pattern: /(^|\s)(test|it|describe)\.(only|skip|todo)\(/, why: 'every test runs' },
];

test('no leftovers', () => {
  const faults = written
    .filter(({ path }) => path !== 'test/tidy.test.ts')
    .flatMap(({ path, lines }) =>
      lines.flatMap((line, i) =>
        HABITS.filter(({ pattern }) => pattern.test(line)).map(
          ({ why }) => `${path}:${i + 1}: ${line.trim()} (${why})`,
        ),
      ),
    );
  none(faults);
});

test('files, functions and lines stay small', () => {
  const faults = written.flatMap((source) => [
    ...(source.lines.length > FILE_LINES_MAX
      ? [`${source.path}: ${source.lines.length} lines, at most ${FILE_LINES_MAX}`]
      : []),
    ...longLines(source),
    ...longFunctions(source),
  ]);
  none(faults);
});

function longLines({ path, lines }: Source): string[] {
  return lines.flatMap((line, i) =>
    line.length > LINE_COLUMNS_MAX &&
    !/https?:\/\/|^\s*((help: |description: )?['"`/*]|import )/.test(line)
      ? [`${path}:${i + 1}: ${line.length} columns`]
      : [],
  );
}

/** The formatter closes what opens at an indent at the same indent: that is how long a function is. */
function longFunctions({ path, lines }: Source): string[] {
  const faults: string[] = [];
  const opens =
    /^(\s*)(export )?(async )?(function\b|(static |async |get |set |#|\*)*[\w#]+\(.*\{$)/;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const match = opens.exec(line);
    if (
      match === null ||
      !/[^(]\{$/.test(line) ||
      /^\s*(if|for|while|switch|describe|test)\b/.test(line)
    ) {
      continue;
    }
    const closes = `${match[1]}}`;
    const end = lines.findIndex((text, at) => at > i && text.startsWith(closes));
    const length = end < 0 ? 0 : end - i + 1;
    if (length > FUNCTION_LINES_MAX) faults.push(`${path}:${i + 1}: function of ${length} lines`);
  }
  return faults;
}

const BANNED_NAMES = /^(utils?|helpers?|common|misc|manager|types)(\.|$)|^index\.ts$/;

test('names say what is in a file', () => {
  const faults = sources.filter(({ path }) =>
    path.split('/').some((part) => BANNED_NAMES.test(part) || !/^[a-z0-9.-]+$|^gen$/.test(part)),
  );
  none(faults.filter(({ path }) => !isGenerated(path)).map(({ path }) => path));
});

test('every file is used', () => {
  const used = new Set(
    sources.flatMap(({ path, imports, text }) => [
      ...imports.map((specifier) => resolveImport(path, specifier)),
      ...[...text.matchAll(/new URL\('([^']+)', import\.meta\.url\)/g)].map((m) =>
        resolveImport(path, m[1] ?? ''),
      ),
    ]),
  );
  const faults = written
    .map(({ path }) => path)
    .filter((path) => !isTest(path) && !ENTRIES.includes(path) && !used.has(path));
  none(faults.map((path) => `${path}: nothing imports it`));
});

test('the project speaks of itself alone', () => {
  const texts = globSync(['*.md', 'docs/**/*.md', 'src/**/*.ts', 'kernel/*.ts', 'test/**/*.ts']);
  const foreign = /\/work\/|\/root\/|\bissue #?\d+\b|conversation|\bLLM\b/i;
  const faults = texts
    .filter((path) => path !== 'test/tidy.test.ts')
    .flatMap((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .flatMap((line, i) => (foreign.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
    );
  none(faults);
});

test('every export of the kernel is declared for the host and the other way round', () => {
  const exported = [...readFileSync('kernel/all.ts', 'utf8').matchAll(/\b(\w+)(?=,|\s*\})/g)].map(
    (m) => m[1] ?? '',
  );
  const host = readFileSync('src/base/kernel-exports.ts', 'utf8');
  const declared = [...host.matchAll(/^ {2}(\w+)\(/gm)].map((m) => m[1] ?? '');
  assert.deepEqual(exported.sort(), declared.sort());
});
