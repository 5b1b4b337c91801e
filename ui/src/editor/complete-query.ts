/**
 * What may follow at the cursor. The library tells by the syntax tree what kind of word is expected; the words
 * come from our own indexes, already filtered and in order: the editor never looks at 100,000 options.
 */
import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  type CompletionSource,
  startCompletion,
} from '@codemirror/autocomplete';
import { syntaxTree } from '@codemirror/language';
import type { EditorView } from '@codemirror/view';
import {
  analyzeCompletion,
  type Context,
  ContextKind,
  computeEndCompletePosition,
  computeStartCompletePosition,
} from '@prometheus-io/codemirror-promql/dist/esm/complete/hybrid.js';
import { labelMatchersToString } from '@prometheus-io/codemirror-promql/dist/esm/parser/index.js';
import { isPlainName, quoteText } from '../../../src/model/labels-text.ts';
import { fittingParts, type NameIndex } from './name-index.ts';
import { searchHistory } from './query-history.ts';
import { type StaticWords, wordsOf } from './static-words.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface CompletionSources {
  readonly vocabulary: Vocabulary;
  readonly words: StaticWords;
  readonly history: readonly string[];
  /** Draws what is known of a metric beside the list. */
  readonly describeMetric: (name: string) => Promise<Node | null>;
}

const OPTIONS_MAX = 50;
/** Before the history comes in between. */
const FIRST_OPTIONS = 5;
const HISTORY_OPTIONS = 3;

/** `sources` is asked at each completion: time range, language and history change while the editor lives. */
export function completeQuery(sources: () => CompletionSources): CompletionSource {
  return async (context) => {
    const { state, pos } = context;
    const node = syntaxTree(state).resolve(pos, -1);
    const contexts = analyzeCompletion(state, node, pos);
    if (contexts.length === 0) return null;
    const from = computeStartCompletePosition(state, node, pos);
    const typed = state.sliceDoc(from, pos);
    const isExpected = contexts.some(({ kind }) => kind === ContextKind.Duration);
    if (typed === '' && !context.explicit && !isExpected && !opensByItself(context)) return null;
    const options = await optionsFor({ contexts, typed, sources: sources(), context });
    if (context.aborted || options.length === 0) return null;
    return {
      from,
      to: Math.max(pos, computeEndCompletePosition(state, node, pos)),
      options,
      filter: false,
      getMatch: (completion) => fittingParts(completion.label, typed),
    } satisfies CompletionResult;
  };
}

/** Right after an opening bracket, quote or comma in braces there is nothing typed, but something expected. */
function opensByItself({ state, pos }: CompletionContext): boolean {
  return /[{("',]\s?$/.test(state.sliceDoc(Math.max(0, pos - 2), pos));
}

interface Request {
  readonly contexts: readonly Context[];
  readonly typed: string;
  readonly sources: CompletionSources;
  readonly context: CompletionContext;
}

async function optionsFor(request: Request): Promise<readonly Completion[]> {
  const { contexts, typed, sources } = request;
  const words = contexts.flatMap(({ kind }) => wordsOf(sources.words, kind));
  const lower = typed.toLowerCase();
  const early = words
    .filter(({ label }) => typed !== '' && label.startsWith(lower))
    .sort((a, b) => popularity(a) - popularity(b));
  const late = words.filter(
    (word) => !early.includes(word) && (typed === '' || fittingParts(word.label, typed).length > 0),
  );
  const names = (await Promise.all(contexts.map((at) => namesFor(at, request)))).flat();
  const options = [
    ...early.slice(0, FIRST_OPTIONS),
    ...names.slice(0, FIRST_OPTIONS),
    ...historyFor(request),
    ...names.slice(FIRST_OPTIONS),
    ...early.slice(FIRST_OPTIONS),
    ...late,
  ];
  return options.slice(0, OPTIONS_MAX);
}

/** What most queries are made of comes first among words with the same beginning. */
const POPULAR = [
  'rate',
  'sum',
  'increase',
  'histogram_quantile',
  'avg',
  'max',
  'min',
  'count',
  'topk',
  'label_replace',
];

function popularity({ label }: Completion): number {
  const place = POPULAR.indexOf(label);
  return place < 0 ? POPULAR.length : place;
}

/** Whole queries, when all that is written is the beginning of one. */
function historyFor({ typed, sources, context }: Request): readonly Completion[] {
  const { state, pos } = context;
  if (pos !== state.doc.length || state.sliceDoc(0, pos).trim() !== typed || typed === '')
    return [];
  return searchHistory(sources.history, typed, HISTORY_OPTIONS)
    .filter((query) => query !== typed)
    .map((query) => ({ label: query.replace(/\s+/g, ' '), apply: query, type: 'history' }));
}

/** A server that cannot be asked leaves the list without names; the page tells of it elsewhere. */
async function namesFor(at: Context, request: Request): Promise<readonly Completion[]> {
  try {
    switch (at.kind) {
      case ContextKind.MetricName:
        return await metricOptions(request);
      case ContextKind.LabelName:
        return await labelOptions(at, request);
      case ContextKind.LabelValue:
        return await valueOptions(at, request);
      default:
        return [];
    }
  } catch {
    return [];
  }
}

async function metricOptions({ typed, sources, context }: Request): Promise<readonly Completion[]> {
  const { vocabulary, describeMetric } = sources;
  const { index } = await vocabulary.metrics(typed);
  const isQuoted = isInQuotes(context);
  return index.search(typed, OPTIONS_MAX).map((name) => ({
    label: name,
    type: 'metric',
    detail: vocabulary.knownType(name),
    apply: isQuoted ? escaped(name) : isMetricWord(name) ? name : `{${quoteText(name)}}`,
    info: () => describeMetric(name),
  }));
}

async function labelOptions(at: Context, request: Request): Promise<readonly Completion[]> {
  const { typed, sources, context } = request;
  const selector = selectorOf(at, '');
  const { index } = await sources.vocabulary.labels(selector);
  const inMatchers = isInMatchers(context);
  return search(index, typed)
    .filter((name) => name !== '__name__' || typed !== '')
    .map((name) => ({
      label: name,
      type: 'label',
      apply: inMatchers ? applyMatcher(name) : isPlainName(name) ? name : quoteText(name),
    }));
}

async function valueOptions(
  at: Context,
  { typed, sources }: Request,
): Promise<readonly Completion[]> {
  const { labelName = '' } = at;
  const { index } = await sources.vocabulary.values(labelName, selectorOf(at, labelName), typed);
  return search(index, typed).map((value) => ({
    label: value,
    type: 'value',
    apply: escaped(value),
  }));
}

function search(index: NameIndex, typed: string): readonly string[] {
  return index.search(typed, OPTIONS_MAX);
}

/** The other conditions of the selector around the cursor; undefined where there are none. */
function selectorOf({ metricName, matchers }: Context, label: string): string | undefined {
  const selector = labelMatchersToString(metricName ?? '', matchers, label);
  return selector === '' || selector === '{}' ? undefined : selector;
}

/** Writes `name="…"` with the cursor in between, and asks for values at once. */
function applyMatcher(name: string): NonNullable<Completion['apply']> {
  return (view: EditorView, _completion: Completion, from: number, to: number) => {
    const hasOperator = /^\s*[=!]/.test(view.state.sliceDoc(to, to + 4));
    const word = isPlainName(name) ? name : quoteText(name);
    const insert = hasOperator ? word : `${word}=""`;
    const anchor = from + insert.length - (hasOperator ? 0 : 1);
    view.dispatch({ changes: { from, to, insert }, selection: { anchor }, userEvent: 'input' });
    if (!hasOperator) startCompletion(view);
  };
}

function isInQuotes({ state, pos }: CompletionContext): boolean {
  return syntaxTree(state).resolve(pos, -1).type.name === 'StringLiteral';
}

function isInMatchers({ state, pos }: CompletionContext): boolean {
  let node = syntaxTree(state).resolve(pos, -1);
  for (; node.parent !== null; node = node.parent) {
    if (node.type.name === 'LabelMatchers') return true;
    if (node.type.name === 'GroupingLabels') return false;
  }
  return false;
}

function isMetricWord(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

function escaped(text: string): string {
  return quoteText(text).slice(1, -1);
}
