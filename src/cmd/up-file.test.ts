import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { realFileSystem } from '../world/file-system.ts';
import { parseArguments } from './parse-arguments.ts';
import { upCommand } from './up.ts';
import { readUpFile, templatePath, writeUpFile } from './up-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'up-file-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'tsanos.yml');

function valuesOf(yaml: string, ...args: readonly string[]): Readonly<Record<string, unknown>> {
  writeFileSync(path, yaml);
  const texts = readUpFile(path, realFileSystem, upCommand.options);
  const parsed = parseArguments(upCommand.options, args, texts);
  return parsed.kind === 'run' ? parsed.values : assert.fail();
}

test('the written file says what holds without it', () => {
  writeUpFile(join(folder, 'new.yml'), realFileSystem);
  const written = readUpFile(join(folder, 'new.yml'), realFileSystem, upCommand.options);
  const given = parseArguments(upCommand.options, [], written);
  const none = parseArguments(upCommand.options, []);
  assert.ok(given.kind === 'run' && none.kind === 'run');
  assert.deepEqual(
    { ...given.values, dataDirectory: './data' },
    none.values,
    'every default stands in the template',
  );
  assert.equal(given.values.dataDirectory, join(folder, 'data'));
  assert.throws(() => writeUpFile(join(folder, 'new.yml'), realFileSystem), {
    message: /^cannot write .*new\.yml: it exists; move it away/,
  });
});

test('every flag of the system stands in the file, and nothing else', () => {
  const template = readFileSync(templatePath(), 'utf8');
  const keys = [...template.matchAll(/^ *([a-z_]+):(?= |$)/gm)].map(([, key]) => key);
  const flags = Object.values(upCommand.options)
    .flatMap((option) => option.flags)
    .filter(
      ({ section, name }) => section !== 'Logging' && !['config.file', 'init'].includes(name),
    );
  const sections = ['external_labels', 'web', 'scrape', 'prometheus', 'retention'];
  assert.equal(keys.length - sections.length, flags.length, keys.join(' '));
});

test('flags win over the file, the file over defaults; paths are relative to it', () => {
  const yaml = `
data_directory: here
retention: {time: 30d}
scrape:
  targets: ['a:1', 'b:2']
prometheus: {config: sub/prometheus.yml, binary: prometheus}
`;
  const values = valuesOf(yaml, '--retention.time=1d', '--cluster=c');
  const { dataDirectory, retentionTime, targets, cluster, region } = values;
  assert.equal(dataDirectory, join(folder, 'here'));
  assert.deepEqual([retentionTime, targets, cluster, region], ['1d', ['a:1', 'b:2'], 'c', 'local']);
  assert.equal(values.prometheusConfig, join(folder, 'sub/prometheus.yml'));
  assert.equal(values.prometheusBinary, 'prometheus');
  assert.equal(valuesOf('prometheus: {binary: ./p}').prometheusBinary, join(folder, 'p'));
  assert.equal(valuesOf('').retentionTime, '15d');
});

test('what is wrong is named with file, line and column', () => {
  const f = (yaml: string, message: RegExp): void =>
    assert.throws(() => valuesOf(yaml), { kind: 'bad-data', message });
  f('scrape:\n  interval: 5x\n', /tsanos\.yml:2:13: scrape\.interval: .*not a duration of whole/);
  f('port_offset: [1]\n', /tsanos\.yml:1:14: port_offset: is not a text$/);
  f(
    'scrape: {intervall: 5s}\n',
    /tsanos\.yml:1:21: .*unknown field; known here: interval, targets/,
  );
  f('retention: 15d\n', /tsanos\.yml:1:12: retention: is not a map of fields/);
  f('scrape: {targets: [nonsense]}\n', /tsanos\.yml:1:19: scrape\.targets: .*not an address/);
});
