/** The words of PromQL itself, as completions: functions with their calls, aggregations, operators, units. */
import { type Completion, snippetCompletion, startCompletion } from '@codemirror/autocomplete';
import type { EditorView } from '@codemirror/view';
import { ContextKind } from '@prometheus-io/codemirror-promql/dist/esm/complete/hybrid.js';
import { FUNCTIONS } from '../../../src/promql/parse/functions.ts';
import type { SyntaxOptions } from '../../../src/promql/parse/syntax-options.ts';
import type { PromqlTexts } from '../text/promql.ts';
import { PARAMETER_OF_AGGREGATION, printSignature } from './function-signature.ts';

export type StaticWords = ReadonlyMap<ContextKind, readonly Completion[]>;

export function wordsOf(words: StaticWords, kind: ContextKind): readonly Completion[] {
  return words.get(kind) ?? [];
}

export function staticWords(texts: PromqlTexts, syntax: SyntaxOptions): StaticWords {
  const word = (label: keyof PromqlTexts['words'], apply?: Completion['apply']): Completion => ({
    label,
    type: 'keyword',
    info: () => helpNode(label, texts.words[label]),
    ...(apply === undefined ? {} : { apply }),
  });
  const call = (label: 'start' | 'end'): Completion => ({
    ...word(label),
    label: `${label}()`,
  });
  const listed = (label: 'on' | 'ignoring' | 'group_left' | 'group_right' | 'by' | 'without') =>
    word(label, applyCall(label, ' '));
  const fills = syntax.binopFillModifiers
    ? (['fill', 'fill_left', 'fill_right'] as const).map((label) => word(label, applyCall(label)))
    : [];
  return new Map<ContextKind, readonly Completion[]>([
    [ContextKind.Function, [...functionWords(texts, syntax), ...snippets(texts)]],
    [ContextKind.Aggregation, aggregationWords(texts, syntax)],
    [ContextKind.AggregateOpModifier, [listed('by'), listed('without')]],
    [
      ContextKind.BinOpModifier,
      [...(['on', 'ignoring', 'group_left', 'group_right'] as const).map(listed), ...fills],
    ],
    [ContextKind.Bool, [word('bool')]],
    [ContextKind.BinOp, operatorWords(texts)],
    [ContextKind.MatchOp, matchWords(texts)],
    [ContextKind.AtModifiers, [call('start'), call('end')]],
    [ContextKind.Offset, [word('offset')]],
    [ContextKind.Duration, unitWords(texts)],
    [ContextKind.Number, ['Inf', 'NaN'].map((label) => ({ label, type: 'keyword' }))],
  ]);
}

function functionWords(texts: PromqlTexts, syntax: SyntaxOptions): readonly Completion[] {
  return [...FUNCTIONS.values()]
    .filter(({ isExperimental }) => !isExperimental || syntax.experimentalFunctions)
    .map((signature) => {
      const { name } = signature;
      const help = texts.functions[name as keyof PromqlTexts['functions']];
      return {
        label: name,
        type: 'function',
        detail: '()',
        apply: applyCall(name),
        info: () => helpNode(printSignature(signature, texts.types), help),
      };
    });
}

/** Whole calls with gaps to fill, through which Tab leads. */
const SNIPPETS = {
  rates: { label: 'sum by (…) (rate(…[5m]))', text: 'sum by (#{label}) (rate(#{metric}[5m]))' },
  quantile: {
    label: 'histogram_quantile(0.9, sum by (le) (rate(…[5m])))',
    text: 'histogram_quantile(#{0.9}, sum by (le) (rate(#{metric}_bucket[5m])))',
  },
  topk: { label: 'topk(10, …)', text: 'topk(#{1:10}, #{2:metric})' },
  replace: {
    label: 'label_replace(…, "…", "$1", "…", "(.*)")',
    text: 'label_replace(#{metric}, "#{target}", "#{$1}", "#{source}", "#{(.*)}")',
  },
} as const;

function snippets(texts: PromqlTexts): readonly Completion[] {
  return Object.entries(SNIPPETS).map(([name, { label, text }]) =>
    snippetCompletion(text, {
      label,
      type: 'snippet',
      info: () => helpNode(label, texts.snippets[name as keyof typeof SNIPPETS]),
    }),
  );
}

const EXPERIMENTAL_AGGREGATIONS = ['limitk', 'limit_ratio'];

function aggregationWords(texts: PromqlTexts, syntax: SyntaxOptions): readonly Completion[] {
  return Object.entries(texts.aggregations)
    .filter(([name]) => syntax.experimentalFunctions || !EXPERIMENTAL_AGGREGATIONS.includes(name))
    .map(([name, help]) => {
      const parameter = PARAMETER_OF_AGGREGATION[name];
      const shown = `${name}(${parameter === undefined ? '' : `${parameter}, `}v) by (…)`;
      return {
        label: name,
        type: 'aggregation',
        detail: '()',
        apply: applyCall(name),
        info: () => helpNode(shown, help),
      };
    });
}

const SIGNS = ['+', '-', '*', '/', '%', '^', '==', '!=', '>', '<', '>=', '<='];

function operatorWords({ words }: PromqlTexts): readonly Completion[] {
  const named = (['and', 'or', 'unless', 'atan2'] as const).map((label) => ({
    label,
    type: 'keyword',
    info: () => helpNode(label, words[label]),
  }));
  return [...named, ...SIGNS.map((label) => ({ label, type: 'operator' }))];
}

function matchWords({ matchOperators }: PromqlTexts): readonly Completion[] {
  return Object.entries(matchOperators).map(([label, detail]) => ({
    label,
    detail,
    type: 'operator',
  }));
}

function unitWords({ units }: PromqlTexts): readonly Completion[] {
  return Object.entries(units).map(([label, detail]) => ({ label, detail, type: 'unit' }));
}

/** Writes `name()` with the cursor inside; only the name where a parenthesis follows already. */
function applyCall(name: string, gap = ''): NonNullable<Completion['apply']> {
  return (view: EditorView, _completion: Completion, from: number, to: number) => {
    const hasParenthesis = view.state.sliceDoc(to, to + 1) === '(';
    const insert = hasParenthesis ? name : `${name}${gap}()`;
    const anchor = from + insert.length - (hasParenthesis ? -1 : 1);
    view.dispatch({ changes: { from, to, insert }, selection: { anchor }, userEvent: 'input' });
    startCompletion(view);
  };
}

/** What stands beside the list: how it is called, and what it does. */
export function helpNode(title: string, text: string): Node {
  const box = document.createElement('div');
  const head = document.createElement('code');
  head.textContent = title;
  const body = document.createElement('p');
  body.textContent = text;
  box.append(head, body);
  return box;
}
