/**
 * The part of RE2 that most matchers use, answered without a regular expression engine: literals, escaped
 * punctuation, groups, alternatives, small character classes, `.*` and `.+`. Such an expression is a set of
 * globs: each a list of literal pieces with a gap of at least 0 or 1 characters between them.
 */
export interface Shortcut {
  readonly alternatives: readonly string[] | undefined;
  readonly prefix: string;
  readonly matches: (text: string) => boolean;
}

/** Literals and gaps in turn: pieces[0] gaps[0] pieces[1] …; one piece more than gaps. */
interface Glob {
  readonly pieces: readonly string[];
  /** The least number of characters of each gap: 0 for `.*`, 1 for `.+`. */
  readonly gaps: readonly number[];
}

/** As many alternatives as Prometheus turns into equality matchers. */
const GLOBS_MAX = 256;
const EMPTY: readonly Glob[] = [{ pieces: [''], gaps: [] }];

/** Undefined if the expression uses anything else (also if it is malformed). */
export function parseShortcut(source: string): Shortcut | undefined {
  const parser: Parser = { source, at: 0 };
  const globs = parseAlternatives(parser, true);
  if (globs === undefined || parser.at < source.length) return undefined;
  const literal = globs.every((glob) => glob.gaps.length === 0);
  const texts = globs.map((glob) => glob.pieces[0] as string);
  if (!literal)
    return { alternatives: undefined, prefix: sharedPrefix(texts), matches: any(globs) };
  const set = new Set(texts);
  const [only] = texts;
  const matches =
    set.size === 1 ? (text: string) => text === only : (text: string) => set.has(text);
  return { alternatives: [...set], prefix: sharedPrefix(texts), matches };
}

interface Parser {
  readonly source: string;
  at: number;
}

/** `outermost`: where `^` at the start and `$` at the end of an alternative say nothing new. */
function parseAlternatives(parser: Parser, outermost: boolean): readonly Glob[] | undefined {
  const all: Glob[] = [];
  for (;;) {
    if (outermost && parser.source[parser.at] === '^') parser.at++;
    const globs = parseSequence(parser, outermost);
    if (globs === undefined || all.length + globs.length > GLOBS_MAX) return undefined;
    all.push(...globs);
    if (parser.source[parser.at] !== '|') return all;
    parser.at++;
  }
}

function parseSequence(parser: Parser, outermost: boolean): readonly Glob[] | undefined {
  let globs = EMPTY;
  while (parser.at < parser.source.length && !'|)'.includes(parser.source[parser.at] as string)) {
    if (outermost && isFinalDollar(parser)) {
      parser.at++;
      return globs;
    }
    const next = parseItem(parser);
    if (next === undefined || globs.length * next.length > GLOBS_MAX) return undefined;
    globs = globs.flatMap((left) => next.map((right) => join(left, right)));
    // Two characters may be four code units or two: only the engine counts characters.
    if (globs.some(({ gaps }) => gaps.some((least) => least > 1))) return undefined;
  }
  return globs;
}

function isFinalDollar({ source, at }: Parser): boolean {
  return source[at] === '$' && (at + 1 === source.length || source[at + 1] === '|');
}

function parseItem(parser: Parser): readonly Glob[] | undefined {
  const { source, at } = parser;
  const item = parseAtom(parser);
  // A repetition of anything but the dot is left to the engine.
  if (item === undefined || parser.at === at) return undefined;
  return '*+?{'.includes(source[parser.at] ?? ' ') ? undefined : item;
}

function parseAtom(parser: Parser): readonly Glob[] | undefined {
  const { source } = parser;
  const head = source[parser.at] as string;
  switch (head) {
    case '.':
      return parseGap(parser);
    case '(':
      return parseGroup(parser);
    case '[':
      return parseClass(parser);
    case '\\': {
      const escaped = source[parser.at + 1] ?? '';
      if (!/^[!-/:-@[-`{-~]$/.test(escaped)) return undefined;
      parser.at += 2;
      return [literal(escaped)];
    }
    default: {
      if ('^$*+?{'.includes(head)) return undefined;
      const character = String.fromCodePoint(source.codePointAt(parser.at) as number);
      parser.at += character.length;
      return [literal(character)];
    }
  }
}

function parseGap(parser: Parser): readonly Glob[] | undefined {
  const quantifier = parser.source[parser.at + 1];
  if (quantifier !== '*' && quantifier !== '+') return undefined;
  parser.at += 2;
  return [{ pieces: ['', ''], gaps: [quantifier === '+' ? 1 : 0] }];
}

function parseGroup(parser: Parser): readonly Glob[] | undefined {
  if (parser.source[parser.at + 1] === '?') {
    if (parser.source[parser.at + 2] !== ':') return undefined;
    parser.at += 2;
  }
  parser.at++;
  const globs = parseAlternatives(parser, false);
  if (globs === undefined || parser.source[parser.at] !== ')') return undefined;
  parser.at++;
  return globs;
}

/** Only letters, digits and ranges of them: `[abc0-9]`. */
function parseClass(parser: Parser): readonly Glob[] | undefined {
  const found = /^\[([0-9A-Za-z_](-[0-9A-Za-z_])?)+\]/.exec(parser.source.slice(parser.at));
  if (found === null) return undefined;
  const characters = new Set<string>();
  for (const [item] of found[0].slice(1, -1).matchAll(/.-.|./g)) {
    const last = item.charCodeAt(item.length - 1);
    if (last < item.charCodeAt(0)) return undefined;
    for (let i = item.charCodeAt(0); i <= last; i++) characters.add(String.fromCharCode(i));
  }
  parser.at += found[0].length;
  return [...characters].map(literal);
}

function literal(text: string): Glob {
  return { pieces: [text], gaps: [] };
}

function join(left: Glob, right: Glob): Glob {
  const middle = `${left.pieces.at(-1) as string}${right.pieces[0] as string}`;
  const before = left.pieces.slice(0, -1);
  const after = right.pieces.slice(1);
  if (middle === '' && left.gaps.length > 0 && right.gaps.length > 0) {
    const merged = (left.gaps.at(-1) as number) + (right.gaps[0] as number);
    const gaps = [...left.gaps.slice(0, -1), merged, ...right.gaps.slice(1)];
    return { pieces: [...before, ...after], gaps };
  }
  return { pieces: [...before, middle, ...after], gaps: [...left.gaps, ...right.gaps] };
}

function sharedPrefix(texts: readonly string[]): string {
  let shared = texts[0] ?? '';
  for (const text of texts) {
    while (!text.startsWith(shared)) shared = shared.slice(0, -1);
  }
  return shared;
}

function any(globs: readonly Glob[]): (text: string) => boolean {
  const matchers = globs.map(globMatcher);
  const [only] = matchers;
  if (matchers.length === 1 && only !== undefined) return only;
  return (text) => matchers.some((matches) => matches(text));
}

/** Ends are fixed; between them each piece may as well be found as far left as it can be. */
function globMatcher({ pieces, gaps }: Glob): (text: string) => boolean {
  const first = pieces[0] as string;
  if (gaps.length === 0) return (text) => text === first;
  const last = pieces.at(-1) as string;
  const lastGap = gaps.at(-1) as number;
  return (text) => {
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (let i = 1; i < gaps.length; i++) {
      const piece = pieces[i] as string;
      at = text.indexOf(piece, at + (gaps[i - 1] as number));
      if (at < 0) return false;
      at += piece.length;
    }
    return at + lastGap <= text.length - last.length;
  };
}
