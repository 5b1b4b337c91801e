/**
 * Regular expressions of users: RE2 syntax, linear time, always matched against the whole text with the dot
 * matching newlines, as `^(?s:…)$` of Prometheus. Simple forms never reach the engine (regex-shortcut.ts).
 */
import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';
import { OperationError } from '../base/errors.ts';
import { parseShortcut } from './regex-shortcut.ts';

export interface AnchoredRegex {
  readonly source: string;
  /** Every text that matches, if they are finitely many and the expression shows them. */
  readonly alternatives: readonly string[] | undefined;
  /** What every matching text starts with, '' if nothing is known. */
  readonly prefix: string;
  matches(text: string): boolean;
  /** The groups of a match of the whole text, or undefined. */
  exec(text: string): RegexMatch | undefined;
}

/** Group 0 is the whole text; a group that took no part in the match is undefined. */
export interface RegexMatch {
  readonly groups: readonly (string | undefined)[];
  readonly names: Readonly<Record<string, number>>;
}

/** Throws OperationError 'bad-data' with the words of Go: "error parsing regexp: missing closing ): `(a`". */
export function compileRegex(source: string): AnchoredRegex {
  const shortcut = parseShortcut(source);
  if (shortcut === undefined) {
    const engine = compileEngine(source);
    return {
      source,
      alternatives: undefined,
      prefix: '',
      matches: (text) => engine.testExact(text),
      exec: (text) => execute(engine, text),
    };
  }
  let late: RE2JS | undefined;
  return {
    source,
    ...shortcut,
    exec: (text) => execute((late ??= compileEngine(source)), text),
  };
}

function execute(engine: RE2JS, text: string): RegexMatch | undefined {
  const matcher = engine.matcher(text);
  if (!matcher.matches()) return undefined;
  const groups: (string | undefined)[] = [];
  for (let i = 0; i <= matcher.groupCount(); i++) groups.push(matcher.group(i) ?? undefined);
  return { groups, names: engine.namedGroups() };
}

function compileEngine(source: string): RE2JS {
  try {
    return RE2JS.compile(source, RE2JS.DOTALL);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new OperationError('bad-data', `error parsing regexp: ${describe(error, source)}`);
  }
}

function describe(error: RE2JSException, source: string): string {
  if (!(error instanceof RE2JSSyntaxException)) return error.message;
  const place = error.getPattern() ?? '';
  // The engine speaks of the expression with the flags that it was given put before it.
  return `${error.error}: \`${place === `(?s)${source}` ? source : place}\``;
}
