import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { FileSystem } from '../base/file-system.ts';
import { nearestName } from '../base/nearest-name.ts';
import { realFileSystem } from '../world/file-system.ts';
import { printFlagsMarkdown, printHelp } from './help.ts';
import * as forms from './option-forms.ts';
import { many, one, optional, pathOrContent, required, section, toggle, words } from './options.ts';
import { expandFiles, parseArguments, splitCommand } from './parse-arguments.ts';
import { expandVariables, readContent } from './read-content.ts';

const table = {
  ...section('Server', {
    address: one({
      flag: 'http-address',
      value: forms.hostPort,
      initial: '0.0.0.0:10902',
      help: 'Address.',
    }),
    graceMs: one({ flag: 'grace', value: forms.duration, initial: '2m', help: 'Grace.' }),
  }),
  labels: many({ flag: 'label', short: 'l', value: forms.text, separator: ',', help: 'Labels.' }),
  cacheBytes: one({ flag: 'cache', value: forms.byteSize, initial: '250MB', help: 'Cache.' }),
  method: one({
    flag: 'method',
    value: forms.oneOf('http', 'signal'),
    initial: 'http',
    help: 'How.',
  }),
  wait: toggle({ flag: 'wait', short: 'w', initial: false, help: 'Loop.' }),
  partial: toggle({ flag: 'partial', initial: true, help: 'Partial.' }),
  limit: optional({ flag: 'limit', value: forms.wholeNumber, hidden: true, help: 'Limit.' }),
  minTime: one({
    flag: 'min-time',
    value: forms.timeOrOffset,
    initial: '0000-01-01T00:00:00Z',
    help: 'Oldest.',
  }),
  config: pathOrContent({ flag: 'objstore.config', help: 'YAML of the bucket.' }),
};

function values(...args: readonly string[]) {
  const parsed = parseArguments(table, args);
  assert.equal(parsed.kind, 'run');
  return parsed.kind === 'run' ? parsed.values : assert.fail();
}

function fails(args: readonly string[], message: string): void {
  assert.throws(() => parseArguments(table, args), { kind: 'bad-data', message }, args.join(' '));
}

test('defaults hold where nothing is given', () => {
  assert.deepEqual(values(), {
    address: '0.0.0.0:10902',
    graceMs: 120_000,
    labels: [],
    cacheBytes: 262_144_000,
    method: 'http',
    wait: false,
    partial: true,
    limit: undefined,
    minTime: { kind: 'time', timeMs: -62_167_219_200_000 },
    config: undefined,
  });
});

test('values are written with = or after a blank, short flags alone or glued', () => {
  assert.equal(values('--grace=1h30m').graceMs, 5_400_000);
  assert.equal(values('--grace', '15d').graceMs, 1_296_000_000);
  assert.deepEqual(values('--label=a,b', '-lc', '-l', 'd').labels, ['a', 'b', 'c', 'd']);
  assert.equal(values('--http-address', ':9090').address, ':9090');
  assert.equal(values('--http-address=[::1]:9090').address, '[::1]:9090');
  assert.deepEqual(values('--min-time=-2w').minTime, {
    kind: 'offset',
    offsetMs: -1_209_600_000,
  });
  assert.equal(values('--limit=7').limit, 7);
  assert.equal(values('--cache=1.5KB').cacheBytes, 1536);
  assert.equal(values('--cache=2GiB').cacheBytes, 2_147_483_648);
});

test('a switch has a no- form and takes no value', () => {
  assert.equal(values('--wait').wait, true);
  assert.equal(values('-w').wait, true);
  assert.equal(values('--no-partial').partial, false);
  assert.equal(values('--partial').partial, true);
  fails(['--wait=true'], '--wait=true: a switch takes no value, write --wait or --no-wait');
});

test('what is wrong is named together with what would be right', () => {
  fails(['--gracee=1m'], 'unknown flag --gracee (did you mean --grace?)');
  fails(['--zzzzzz'], 'unknown flag --zzzzzz');
  fails(['-z'], 'unknown flag -z');
  fails(['--no-grace'], 'unknown flag --no-grace');
  fails(['--grace'], '--grace needs a value: --grace=<duration>');
  fails(
    ['--min-time', '-2w'],
    '--min-time needs a value, but -2w follows: write --min-time=<time>',
  );
  fails(['--grace=5'], '--grace=5 is not a duration such as 30s, 1h30m or 15d');
  fails(['--grace='], '--grace= is not a duration such as 30s, 1h30m or 15d');
  fails(['--cache=12'], '--cache=12 is not a size with its unit, such as 512KB, 250MB or 2GB');
  fails(['--method=x'], '--method=x is not one of http, signal');
  fails(['--limit=1.5'], '--limit=1.5 is not a whole number such as 20');
  fails(
    ['--http-address=9090'],
    '--http-address=9090 is not an address such as 127.0.0.1:9090 or :9090',
  );
  fails(['--grace=1m', '--grace=2m'], '--grace is given twice: it takes one value');
  fails(['serve'], 'unexpected argument "serve"');
  fails(['--', '--wait'], 'unexpected argument "--wait"');
  fails(
    ['--objstore.config=a', '--objstore.config-file=b'],
    '--objstore.config-file and --objstore.config exclude each other: give one of them',
  );
  const must = { url: required({ flag: 'url', value: forms.httpUrl, help: 'Where it is.' }) };
  assert.throws(() => parseArguments(must, []), {
    message: '--url=<url> is required: Where it is.',
  });
});

test('help and version win over everything after them', () => {
  assert.deepEqual(parseArguments(table, ['--help', '--nonsense']).kind, 'help');
  assert.deepEqual(parseArguments(table, ['-h']), { kind: 'help', withHidden: false });
  assert.deepEqual(parseArguments(table, ['--help-long']), { kind: 'help', withHidden: true });
  assert.deepEqual(parseArguments(table, ['--version']), { kind: 'version' });
});

test('the command is the longest run of words, and global flags may stand before it', () => {
  const names = ['sidecar', 'tools bucket ls', 'tools rules-check'];
  const f = (args: string, name: string | undefined, word: string | undefined, rest: string) =>
    assert.deepEqual(splitCommand(names, table, args.split(' ').filter(Boolean)), {
      name,
      word,
      rest: rest.split(' ').filter(Boolean),
    });
  f('sidecar --wait', 'sidecar', 'sidecar', '--wait');
  f('--grace 1m --wait sidecar -l x', 'sidecar', 'sidecar', '--grace 1m --wait -l x');
  f('--grace=1m sidecar', 'sidecar', 'sidecar', '--grace=1m');
  f('tools bucket ls --wait', 'tools bucket ls', 'tools', '--wait');
  f('tools bucket', undefined, 'tools', 'tools bucket');
  f('side', undefined, 'side', 'side');
  f('--help', undefined, undefined, '--help');
  f('', undefined, undefined, '');
});

function memoryFiles(contents: Readonly<Record<string, string>>): FileSystem {
  return {
    ...realFileSystem,
    readFile: (path) => new TextEncoder().encode(contents[path] ?? assert.fail(path)),
  };
}

test('an @file stands for its lines, without comments and blank lines', () => {
  const files = memoryFiles({ more: '--grace=3m\n# a comment\n\n--label\nx y\r\n' });
  assert.deepEqual(expandFiles(['--wait', '@more', '--', '@more'], files), [
    '--wait',
    '--grace=3m',
    '--label',
    'x y',
    '--',
    '@more',
  ]);
});

test('content comes from the flag or the file, with variables expanded', () => {
  const files = memoryFiles({ 'a.yml': 'key: $(KEY)' });
  const source = values('--objstore.config-file=a.yml').config ?? assert.fail();
  assert.equal(readContent(source, files, { KEY: 'v' }), 'key: v');
  assert.throws(() => readContent(source, files, {}), {
    message: 'cannot expand $(KEY) in a.yml: the variable is not set',
  });
  const inline = values('--objstore.config=$(A) $B').config ?? assert.fail();
  assert.equal(readContent(inline, files, { A: '1' }), '1 $B');
  assert.equal(expandVariables('$(A)$(A)', { A: '$(A)' }, 'x'), '$(A)$(A)');
});

test('times relative to now move with the clock', () => {
  assert.equal(forms.resolveTime({ kind: 'offset', offsetMs: -5 }, 100), 95);
  assert.equal(forms.resolveTime({ kind: 'time', timeMs: 7 }, 100), 7);
  assert.equal(forms.timeOrOffset.parse('2026-02-30'), undefined);
  assert.deepEqual(forms.timeOrOffset.parse('2026-01-01T01:00:00+01:00'), {
    kind: 'time',
    timeMs: Date.UTC(2026, 0, 1),
  });
});

test('help shows flags by section with defaults, and hidden ones only when asked', () => {
  const command = { name: 'demo', summary: 'shows things', description: 'Long text.' };
  const help = printHelp(command, table, false);
  assert.match(help, /^tsanos demo: shows things\n\nLong text\.\n\nUsage: tsanos demo \[flags\]/);
  assert.match(help, /Server:\n\n {2}--http-address=0\.0\.0\.0:10902\n {6}Address\.\n/);
  assert.match(help, / {2}-l, --label=<text> \.\.\.\n {6}Labels\. May be repeated\.\n/);
  assert.match(help, / {2}--\[no-\]partial\n {6}Partial\. On by default\.\n/);
  assert.doesNotMatch(help, /--limit/);
  assert.match(printHelp(command, table, true), /--limit=<number>/);
  assert.match(printFlagsMarkdown(table), /\| `--grace` \| `2m` \| Grace\. \|/);
});

test('a slip of the keyboard finds the flag that was meant', () => {
  assert.equal(
    nearestName('query.replica-lable', ['query.replica-label', 'endpoint']),
    'query.replica-label',
  );
  assert.equal(nearestName('nothing', ['query.replica-label', 'endpoint']), undefined);
});

test('words that are no flags go to the option that takes them', () => {
  const url = words({ name: 'url', value: forms.httpUrl, help: 'Server.', min: 0, max: 1 });
  const paths = words({ name: 'file', value: forms.path, help: 'Files.', min: 1, max: 2 });
  const wordsOf = (option: typeof url, ...args: readonly string[]) => {
    const parsed = parseArguments({ option, limit: table.limit }, args);
    return parsed.kind === 'run' ? [parsed.values.option, [...parsed.flags.keys()]] : [];
  };
  assert.deepEqual(wordsOf(url), [[], ['limit']]);
  assert.deepEqual(wordsOf(url, 'http://a/', '--limit=1'), [['http://a'], ['limit']]);
  assert.deepEqual(wordsOf(paths, 'a', 'b'), [['a', 'b'], ['limit']]);
  const f = (option: typeof url, args: readonly string[], message: string): void =>
    assert.throws(() => parseArguments({ option }, args), { kind: 'bad-data', message });
  f(url, ['nonsense'], 'nonsense is not a URL such as http://localhost:9090');
  f(url, ['http://a', 'http://b'], '<url> is given twice: it takes one value');
  f(paths, [], '<file> is required: Files.');
  f(paths, ['a', 'b', 'c'], 'at most 2 of <file> may be given');
  const help = (option: typeof url): string =>
    printHelp({ name: 'do', summary: 'does', description: '' }, { option }, false);
  assert.match(help(url), /Usage: tsanos do \[flags\] \[<url>\]\n/);
  assert.match(help(paths), /Usage: tsanos do \[flags\] <file> \.\.\.\n/);
});
