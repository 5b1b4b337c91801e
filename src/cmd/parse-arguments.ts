/**
 * The command line in Kingpin's syntax: `--flag=value`, `--flag value`, `-f value`, `-fvalue`, `--switch`, `--no-switch`,
 * repeated flags, `@file` (one argument a line, `#` begins a comment line), `--` (no more flags).
 */

import type { FileSystem } from '../base/file-system.ts';
import { nearestName } from '../base/nearest-name.ts';
import {
  type Flag,
  type GivenTexts,
  type OptionTable,
  type OptionValues,
  usageError,
} from './options.ts';

/** What was asked for: to run with these values, or to print something. */
export type Parsed<Table extends OptionTable> =
  | {
      readonly kind: 'run';
      readonly values: OptionValues<Table>;
      /** Every flag, as given or by default; contents of configuration are left out. */
      readonly flags: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'help'; readonly withHidden: boolean }
  | { readonly kind: 'version' };

/** One occurrence on the command line, in order. */
type Token =
  | { readonly kind: 'flag'; readonly flag: Flag; readonly text: string }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'print'; readonly what: 'help' | 'help-long' | 'version' };

/**
 * `defaults` gives the texts of flags that are not among the arguments. Throws OperationError 'bad-data' naming the flag
 * and what would be right.
 */
export function parseArguments<Table extends OptionTable>(
  table: Table,
  args: readonly string[],
  defaults: GivenTexts = () => [],
): Parsed<Table> {
  const given = new Map<string, string[]>();
  const word = Object.values(table)
    .flatMap((option) => option.flags)
    .find((flag) => flag.isWord);
  for (const token of tokens(table, args)) {
    switch (token.kind) {
      case 'print':
        if (token.what === 'version') return { kind: 'version' };
        return { kind: 'help', withHidden: token.what === 'help-long' };
      case 'word':
        if (word === undefined) {
          throw usageError(`unexpected argument ${JSON.stringify(token.text)}`);
        }
        collect(given, word, token.text);
        break;
      case 'flag':
        collect(given, token.flag, token.text);
    }
  }
  const read = (flag: string): readonly string[] => given.get(flag) ?? defaults(flag);
  const values = Object.entries(table).map(([key, option]) => [key, option.read(read)]);
  return {
    kind: 'run',
    values: Object.fromEntries(values) as OptionValues<Table>,
    flags: effectiveFlags(table, read),
  };
}

function effectiveFlags(table: OptionTable, given: GivenTexts): ReadonlyMap<string, string> {
  const shown = Object.values(table)
    .flatMap((option) => option.flags)
    .filter((flag) => !flag.isWord);
  return new Map(
    shown.map((flag) => {
      const text = given(flag.name).join(',');
      if (flag.placeholder === '<content>' && text !== '') return [flag.name, '<redacted>'];
      return [flag.name, given(flag.name).length === 0 ? (flag.initial ?? '') : text];
    }),
  );
}

/**
 * Finds the command among the arguments: flags of every command may stand before it. Returns the longest name whose
 * words come first among the words given (`tools bucket ls`), and the other arguments.
 */
export function splitCommand(
  names: readonly string[],
  table: OptionTable,
  args: readonly string[],
): {
  readonly name: string | undefined;
  readonly word: string | undefined;
  readonly rest: string[];
} {
  const flags = flagsByName(table);
  let at = 0;
  while (at < args.length && args[at].startsWith('-') && args[at] !== '--') {
    const flag = flags.get(args[at].replace(/^--/, ''));
    at += flag !== undefined && !flag.isSwitch ? 2 : 1;
  }
  const before = args.slice(0, at);
  let words = args[at] ?? '';
  let name: string | undefined;
  let end = at;
  for (let i = at; i < args.length && names.some((n) => `${n} `.startsWith(`${words} `)); i++) {
    if (names.includes(words)) [name, end] = [words, i + 1];
    words += ` ${args[i + 1] ?? ''}`;
  }
  return { name, word: args[at], rest: [...before, ...args.slice(name === undefined ? at : end)] };
}

/** Replaces every `@file` before `--` by the file's lines. */
export function expandFiles(args: readonly string[], files: FileSystem): readonly string[] {
  const end = args.indexOf('--');
  const open = end < 0 ? args : args.slice(0, end);
  const expanded = open.flatMap((arg) => (/^@./.test(arg) ? fileArguments(arg, files) : [arg]));
  return end < 0 ? expanded : [...expanded, ...args.slice(end)];
}

function fileArguments(arg: string, files: FileSystem): readonly string[] {
  const bytes = files.readFile(arg.slice(1));
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

function* tokens(table: OptionTable, args: readonly string[]): Generator<Token> {
  const flags = flagsByName(table);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg === '--') {
      for (const text of args.slice(i + 1)) yield { kind: 'word', text };
      return;
    }
    if (!/^-./.test(arg)) {
      yield { kind: 'word', text: arg };
      continue;
    }
    const { name, inline } = splitFlag(arg);
    const print = printRequest(name, inline);
    if (print !== undefined) {
      yield { kind: 'print', what: print };
      continue;
    }
    const flag = flags.get(name);
    if (flag === undefined) throw unknownFlag(name, arg, flags);
    if (flag.isSwitch) {
      yield { kind: 'flag', flag, text: switchText(flag, name, inline) };
    } else {
      yield { kind: 'flag', flag, text: inline ?? followingValue(flag, args[++i]) };
    }
  }
}

function switchText(flag: Flag, name: string, inline: string | undefined): string {
  if (inline !== undefined) {
    const form = `--${flag.name}`;
    throw usageError(
      `${form}=${inline}: a switch takes no value, write ${form} or --no-${flag.name}`,
    );
  }
  return name === `no-${flag.name}` ? 'false' : 'true';
}

function followingValue(flag: Flag, next: string | undefined): string {
  const form = `--${flag.name}=${flag.placeholder}`;
  if (next === undefined) throw usageError(`--${flag.name} needs a value: ${form}`);
  if (/^-./.test(next)) {
    throw usageError(`--${flag.name} needs a value, but ${next} follows: write ${form}`);
  }
  return next;
}

/** `--name=value`, `--name`, `-xvalue`, `-x`. */
function splitFlag(arg: string): { readonly name: string; readonly inline: string | undefined } {
  if (!arg.startsWith('--')) return { name: arg[1], inline: arg.slice(2) || undefined };
  const equals = arg.indexOf('=');
  if (equals < 0) return { name: arg.slice(2), inline: undefined };
  return { name: arg.slice(2, equals), inline: arg.slice(equals + 1) };
}

function printRequest(
  name: string,
  inline: string | undefined,
): 'help' | 'help-long' | 'version' | undefined {
  if (inline !== undefined) return undefined;
  if (name === 'h' || name === 'help') return 'help';
  return name === 'help-long' || name === 'version' ? name : undefined;
}

/** Under its long name, its short one, and `no-` for a switch. */
function flagsByName(table: OptionTable): ReadonlyMap<string, Flag> {
  const flags = new Map<string, Flag>();
  for (const option of Object.values(table)) {
    for (const flag of option.flags) {
      if (flag.isWord) continue;
      flags.set(flag.name, flag);
      if (flag.short !== undefined) flags.set(flag.short, flag);
      if (flag.isSwitch) flags.set(`no-${flag.name}`, flag);
    }
  }
  return flags;
}

function collect(given: Map<string, string[]>, flag: Flag, text: string): void {
  const earlier = given.get(flag.name);
  if (earlier === undefined) {
    given.set(flag.name, [text]);
  } else if (flag.isRepeatable) {
    earlier.push(text);
  } else {
    throw usageError(`${flag.isWord ? '' : '--'}${flag.name} is given twice: it takes one value`);
  }
}

function unknownFlag(name: string, arg: string, flags: ReadonlyMap<string, Flag>): Error {
  const near = nearestName(name, [...flags.keys()]);
  const written = arg.split('=')[0];
  const hint = near === undefined ? '' : ` (did you mean --${near}?)`;
  return usageError(`unknown flag ${written}${hint}`);
}
