/**
 * One table of options per command. From it come the flags, their types, defaults, `--help`, the pages under
 * docs/components and the usage errors. The syntax is Kingpin's, which Thanos and Prometheus use.
 *
 *     const table = section('Query', {
 *       timeoutMs: one({ flag: 'query.timeout', value: duration, initial: '2m', help: 'Longest query.' }),
 *       endpoints: many({ flag: 'endpoint', value: text, help: 'Address of a StoreAPI server.' }),
 *     });
 *     type Values = OptionValues<typeof table>; // { timeoutMs: number; endpoints: readonly string[] }
 */
import { OperationError } from '../base/errors.ts';
import type { ValueForm } from './option-forms.ts';

/** One flag as it is written on a command line. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** Whole sentences: what it does, and what 0 or nothing means. */
  readonly help: string;
  /** What stands for the value in help: `<duration>`; empty for a switch. */
  readonly placeholder: string;
  /** As it would be written on the command line; undefined where there is none. */
  readonly initial?: string;
  readonly isSwitch: boolean;
  readonly isRepeatable: boolean;
  readonly isRequired: boolean;
  readonly isHidden: boolean;
  /** No flag, but what stands on the command line without one; its name is then `<name>`. */
  readonly isWord: boolean;
  readonly section: string;
}

/** The texts given for a flag, in order; switches read 'true' or 'false'. */
export type GivenTexts = (flag: string) => readonly string[];

/** A value of a command, made of one flag or (path or content) two. */
export interface Option<T> {
  readonly flags: readonly Flag[];
  /** Throws OperationError 'bad-data' naming the flag and the accepted form. */
  read(given: GivenTexts): T;
}

export type OptionTable = Readonly<Record<string, Option<unknown>>>;

export type OptionValues<Table extends OptionTable> = {
  readonly [Key in keyof Table]: Table[Key] extends Option<infer T> ? T : never;
};

interface FlagText {
  /** Without the dashes. */
  readonly flag: string;
  readonly help: string;
  readonly short?: string;
  /** Hidden flags work but are not shown in help. */
  readonly hidden?: boolean;
}

export interface ValueFlag<T> extends FlagText {
  readonly value: ValueForm<T>;
}

/** A flag with a default, given as text. */
export function one<T>(spec: ValueFlag<T> & { readonly initial: string }): Option<T> {
  const flag = valueFlag(spec, { initial: spec.initial });
  return {
    flags: [flag],
    read: (given) => parseValue(spec, given(spec.flag)[0] ?? spec.initial),
  };
}

/** A flag that may be left out: undefined then. */
export function optional<T>(spec: ValueFlag<T>): Option<T | undefined> {
  return {
    flags: [valueFlag(spec, {})],
    read(given) {
      const text = given(spec.flag)[0];
      return text === undefined || text === '' ? undefined : parseValue(spec, text);
    },
  };
}

/** A flag that must be given. */
export function required<T>(spec: ValueFlag<T>): Option<T> {
  return {
    flags: [valueFlag(spec, { isRequired: true })],
    read(given) {
      const text = given(spec.flag)[0];
      if (text === undefined) throw missing(spec);
      return parseValue(spec, text);
    },
  };
}

/** A flag that may be repeated; with a separator one value may hold several. Values keep their order. */
export function many<T>(
  spec: ValueFlag<T> & {
    readonly separator?: string;
    readonly initial?: readonly string[];
    /** At least one must be given. */
    readonly isRequired?: boolean;
  },
): Option<readonly T[]> {
  const { separator, initial = [], isRequired = false } = spec;
  const shown = initial.length === 0 ? {} : { initial: initial.join(separator ?? ' ') };
  return {
    flags: [valueFlag(spec, { ...shown, isRepeatable: true, isRequired })],
    read(given) {
      const texts = given(spec.flag);
      if (isRequired && texts.length === 0) throw missing(spec);
      const parts = (texts.length === 0 ? initial : texts).flatMap((text) =>
        separator === undefined ? [text] : text.split(separator).filter((part) => part !== ''),
      );
      return parts.map((part) => parseValue(spec, part));
    },
  };
}

/** What stands on the command line without a flag: `tsanos check URL`. At most one such option in a table. */
export function words<T>(spec: {
  /** As it is called in help and errors: `url`. */
  readonly name: string;
  readonly value: ValueForm<T>;
  readonly help: string;
  readonly min: number;
  readonly max: number;
}): Option<readonly T[]> {
  const { name, value, help, min, max } = spec;
  const flag = valueFlag(
    { flag: `<${name}>`, value, help },
    { isWord: true, isRequired: min > 0, isRepeatable: max > 1 },
  );
  return {
    flags: [flag],
    read(given) {
      const texts = given(flag.name);
      if (texts.length < min) throw usageError(`${flag.name} is required: ${help}`);
      if (texts.length > max) throw usageError(`at most ${max} of ${flag.name} may be given`);
      return texts.map((text) => {
        const parsed = value.parse(text);
        if (parsed === undefined) throw usageError(`${text} is not ${value.accepts}`);
        return parsed;
      });
    },
  };
}

/** A boolean: `--flag` and `--no-flag`. */
export function toggle(spec: FlagText & { readonly initial: boolean }): Option<boolean> {
  const flag: Flag = {
    ...flagText(spec),
    placeholder: '',
    initial: String(spec.initial),
    isSwitch: true,
  };
  return {
    flags: [flag],
    read(given) {
      const text = given(spec.flag)[0];
      return text === undefined ? spec.initial : text === 'true';
    },
  };
}

/** Where the YAML of a `--x.config-file` / `--x.config` pair comes from; see readContent. */
export type ContentSource =
  | { readonly kind: 'file'; readonly flag: string; readonly path: string }
  | { readonly kind: 'inline'; readonly flag: string; readonly content: string };

/** The pair `--NAME-file=<path>` and `--NAME=<content>`, of which at most one may be given. */
export function pathOrContent(spec: FlagText): Option<ContentSource | undefined> {
  const fileFlag = `${spec.flag}-file`;
  const base = { ...flagText(spec), isSwitch: false };
  return {
    flags: [
      { ...base, name: fileFlag, placeholder: '<file-path>', help: `Path to ${spec.help}` },
      {
        ...base,
        placeholder: '<content>',
        help: `Instead of --${fileFlag}: the content itself.`,
      },
    ],
    read(given) {
      const path = given(fileFlag)[0] ?? '';
      const content = given(spec.flag)[0] ?? '';
      if (path !== '' && content !== '') {
        throw usageError(`--${fileFlag} and --${spec.flag} exclude each other: give one of them`);
      }
      if (path !== '') return { kind: 'file', flag: fileFlag, path };
      return content === '' ? undefined : { kind: 'inline', flag: spec.flag, content };
    },
  };
}

/** Puts every flag of the table under one heading of the help text. */
export function section<Table extends OptionTable>(title: string, table: Table): Table {
  const titled = Object.entries(table).map(([key, option]): [string, Option<unknown>] => [
    key,
    { ...option, flags: option.flags.map((flag) => ({ ...flag, section: title })) },
  ]);
  return Object.fromEntries(titled) as Table;
}

/** A flag, whether what it asks for is wanted, and what there is not. */
export type Unsupported = readonly [flag: string, isAsked: boolean, lack: string];

/** Throws OperationError 'bad-data' for the first one that is asked for: better than doing less than asked. */
export function refuseUnsupported(all: readonly Unsupported[]): void {
  const found = all.find(([, isAsked]) => isAsked);
  if (found === undefined) return;
  const [flag, , lack] = found;
  throw usageError(`--${flag} is not supported yet: ${lack}; leave it out`);
}

export function usageError(message: string): OperationError {
  return new OperationError('bad-data', message);
}

function missing<T>({ flag, value, help }: ValueFlag<T>): OperationError {
  return usageError(`--${flag}=${value.placeholder} is required: ${help}`);
}

function parseValue<T>({ flag, value }: ValueFlag<T>, text: string): T {
  const parsed = value.parse(text);
  if (parsed === undefined) {
    throw usageError(`--${flag}=${text} is not ${value.accepts}`);
  }
  return parsed;
}

function valueFlag<T>(spec: ValueFlag<T>, more: Partial<Flag>): Flag {
  return {
    ...flagText(spec),
    placeholder: spec.value.placeholder,
    isSwitch: false,
    ...more,
  };
}

function flagText({ flag, help, short, hidden }: FlagText): Omit<Flag, 'placeholder' | 'isSwitch'> {
  return {
    name: flag,
    help,
    ...(short === undefined ? {} : { short }),
    isRepeatable: false,
    isRequired: false,
    isHidden: hidden === true,
    isWord: false,
    section: 'Flags',
  };
}
