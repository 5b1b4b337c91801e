/**
 * `tsanos.yml`: the flags of `tsanos up` as a file. Keys are strict, paths are relative to the file, and each error names
 * file, line and column. Flags on the command line win over it.
 */
import { dirname, isAbsolute, join } from 'node:path';
import { errorText, OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import { parseYaml, type YamlValue } from '../base/yaml.ts';
import type { GivenTexts, OptionTable } from './options.ts';

export const DEFAULT_PATH = './tsanos.yml';

interface Key {
  readonly flag: string;
  readonly kind: 'text' | 'path' | 'program' | 'list';
}

const text = (flag: string): Key => ({ flag, kind: 'text' });
const path = (flag: string): Key => ({ flag, kind: 'path' });
const program = (flag: string): Key => ({ flag, kind: 'program' });
const list = (flag: string): Key => ({ flag, kind: 'list' });

/** Every key of the file, by its section; what is in no section stands at the top. */
const TOP: Readonly<Record<string, Key>> = {
  data_directory: path('data-dir'),
  port_offset: text('port-offset'),
};
const SECTIONS: Readonly<Record<string, Readonly<Record<string, Key>>>> = {
  external_labels: { cluster: text('cluster'), region: text('region') },
  web: { listen_address: text('web.listen-address') },
  scrape: { interval: text('scrape-interval'), targets: list('target') },
  prometheus: { config: path('prometheus.config'), binary: program('prometheus.binary') },
  retention: { time: text('retention.time'), size: text('retention.size') },
};

/** What `tsanos up --init` writes: every key with its default. Same relative path from src/ and dist/. */
export function templatePath(): string {
  return new URL('../../assets/tsanos.yml', import.meta.url).pathname;
}

/** The texts of the flags that the file sets. Throws OperationError 'bad-data' naming file, line and column. */
export function readUpFile(filePath: string, files: FileSystem, options: OptionTable): GivenTexts {
  const root = parseYaml(new TextDecoder().decode(files.readFile(filePath)), filePath);
  const folder = dirname(filePath);
  const texts = new Map<string, readonly string[]>();
  const read = (value: YamlValue | undefined, key: Key): void => {
    if (value === undefined || value.isNull) return;
    const given = textsOf(value, key, folder);
    checkTexts(value, key.flag, { given, options });
    if (given.length > 0) texts.set(key.flag, given);
  };
  const top = root.fields(...Object.keys(TOP), ...Object.keys(SECTIONS));
  for (const [name, key] of Object.entries(TOP)) read(top[name], key);
  for (const [name, keys] of Object.entries(SECTIONS)) {
    const fields = top[name]?.fields(...Object.keys(keys)) ?? {};
    for (const [inner, key] of Object.entries(keys)) read(fields[inner], key);
  }
  return (flag) => texts.get(flag) ?? [];
}

/** An empty text is as good as none. */
function textsOf(value: YamlValue, { kind }: Key, folder: string): readonly string[] {
  if (kind === 'list') return value.list().map((item) => item.text());
  const given = value.text();
  if (given === '') return [];
  const isPath = kind === 'path' || (kind === 'program' && given.includes('/'));
  return [isPath && !isAbsolute(given) ? join(folder, given) : given];
}

/** The option itself says what is wrong with its text. */
function checkTexts(
  value: YamlValue,
  flag: string,
  { given, options }: { readonly given: readonly string[]; readonly options: OptionTable },
): void {
  const option = Object.values(options).find(({ flags }) =>
    flags.some(({ name }) => name === flag),
  );
  try {
    option?.read((name) => (name === flag ? given : []));
  } catch (error) {
    if (error instanceof OperationError) throw value.fault(errorText(error));
    throw error;
  }
}

/** Writes the template. Throws OperationError 'bad-data' when there is a file already. */
export function writeUpFile(filePath: string, files: FileSystem): void {
  if (files.stat(filePath) !== undefined) {
    const remedy = 'move it away or give another --config.file';
    throw new OperationError('bad-data', `cannot write ${filePath}: it exists; ${remedy}`);
  }
  files.writeFileAtomic(filePath, files.readFile(templatePath()));
}
