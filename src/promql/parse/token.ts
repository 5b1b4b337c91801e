/** The words of PromQL and how messages speak of them. */
import { quoteText } from '../../model/labels-text.ts';
import type { AggregationOp, BinaryOp, Position } from './ast.ts';

export interface Token {
  readonly kind: TokenKind;
  /** As written; a keyword's kind is its text in lower case. */
  readonly text: string;
  readonly position: Position;
}

export type TokenKind =
  | OpenKind
  | 'end of input'
  | Punctuation
  | MatchOp
  | BinaryOp
  | '@'
  | AggregationOp
  | Keyword
  | Preprocessor;

/** Kinds with endless many texts. */
type OpenKind = 'identifier' | 'metric identifier' | 'number' | 'duration' | 'string';
type Punctuation = '(' | ')' | '{' | '}' | '[' | ']' | ',' | ':';
type MatchOp = '=' | '!=' | '=~' | '!~';
type Keyword = (typeof KEYWORDS)[number];
type Preprocessor = (typeof PREPROCESSORS)[number];

const KEYWORDS = [
  'anchored',
  'bool',
  'by',
  'fill',
  'fill_left',
  'fill_right',
  'group_left',
  'group_right',
  'ignoring',
  'offset',
  'on',
  'smoothed',
  'without',
] as const;
const PREPROCESSORS = ['start', 'end', 'step', 'range', 'max_of', 'min_of'] as const;
const AGGREGATIONS: readonly AggregationOp[] = [
  'avg',
  'bottomk',
  'count',
  'count_values',
  'group',
  'limit_ratio',
  'limitk',
  'max',
  'min',
  'quantile',
  'stddev',
  'stdvar',
  'sum',
  'topk',
];
const WORD_OPERATORS = ['and', 'or', 'unless', 'atan2'] as const;

/** What a word means where words have a meaning; everything else is an identifier. */
export const WORDS: ReadonlyMap<string, TokenKind> = new Map<string, TokenKind>([
  ...[...KEYWORDS, ...PREPROCESSORS, ...AGGREGATIONS, ...WORD_OPERATORS].map(
    (word) => [word, word] as const,
  ),
  ['inf', 'number'],
  ['nan', 'number'],
]);

/** Words that may stand in brackets. */
export const DURATION_WORDS: ReadonlySet<string> = new Set(['step', 'range', 'max_of', 'min_of']);

const aggregations: ReadonlySet<string> = new Set(AGGREGATIONS);
const keywords: ReadonlySet<string> = new Set(KEYWORDS);
const openKinds: ReadonlySet<string> = new Set<OpenKind>([
  'identifier',
  'metric identifier',
  'number',
  'duration',
  'string',
]);
const punctuation: ReadonlySet<string> = new Set([...'(){}[],:=']);
const preprocessors: ReadonlySet<string> = new Set(PREPROCESSORS);

export function isAggregation(kind: TokenKind): kind is AggregationOp {
  return aggregations.has(kind);
}

export function isPreprocessor(kind: TokenKind): kind is Preprocessor {
  return preprocessors.has(kind);
}

/** Whether a word may name a metric without quotes; the other words would be ambiguous there. */
export function namesMetric({ kind }: Token): boolean {
  return kind === 'identifier' || kind === 'metric identifier' || metricWords.has(kind);
}

/** Whether a word may name a label in `by (…)` and its like. */
export function namesLabel({ kind, text }: Token): boolean {
  if (kind === 'identifier' || kind === 'metric identifier') return true;
  return kind !== 'without' && kind !== 'number' && WORDS.has(text.toLowerCase());
}

const metricWords: ReadonlySet<string> = new Set(
  [...WORDS.keys()].filter(
    (word) => !/^(atan2|bool|on|ignoring|group_left|group_right|inf|nan)$/.test(word),
  ),
);

const SHOWN_MAX = 10;

/** How a message names a token: `identifier "foo"`, `<op:+>`, `<by>`, `"("`, `end of input`. */
export function describeToken({ kind, text }: Token): string {
  if (kind === 'end of input') return kind;
  if (kind === 'identifier' || kind === 'metric identifier') return `${kind} ${quoteText(text)}`;
  if (openKinds.has(kind)) return `${kind} ${shorten(text)}`;
  if (keywords.has(kind)) return `<${text}>`;
  if (aggregations.has(kind)) return `<aggr:${text}>`;
  return punctuation.has(kind) || preprocessors.has(kind) ? quoteText(text) : `<op:${text}>`;
}

function shorten(text: string): string {
  if (new TextEncoder().encode(text).length <= SHOWN_MAX) return quoteText(text);
  return `${quoteText([...text].slice(0, SHOWN_MAX).join(''))}...`;
}
