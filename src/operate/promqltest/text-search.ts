import { RE2JS } from 're2js';

/** What an error or annotation must say. */
export interface TextSearch {
  /** As the script has it. */
  readonly source: string;
  matches(text: string): boolean;
}

/** `msg`: the whole text; `regex`: an RE2 expression found anywhere in it. Throws for a malformed one. */
export function compileSearch(form: 'msg' | 'regex', source: string): TextSearch {
  if (form === 'msg') return { source, matches: (text) => text === source };
  const engine = RE2JS.compile(source);
  return { source, matches: (text) => engine.matcher(text).find() };
}
