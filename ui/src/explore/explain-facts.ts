/** What there is to say of one expression, as facts that the catalogue turns into sentences. */
import { printDuration } from '../../../src/model/duration.ts';
import type { DurationExpr, Expr } from '../../../src/promql/parse/ast.ts';
import { printMatcher } from '../../../src/promql/parse/print.ts';
import { valueType } from '../../../src/promql/parse/value-type.ts';
import type { Catalogue } from '../text/catalogue.ts';
import type { PromqlTexts } from '../text/promql.ts';

export interface Explanation {
  /** Sentences, the first of them the most important. */
  readonly sentences: readonly string[];
  /** Matchers of a selector. */
  readonly conditions: readonly string[];
}

export interface ExplainTexts {
  readonly explain: Catalogue['explore']['explain'];
  readonly promql: PromqlTexts;
}

export function explainExpr(expr: Expr, texts: ExplainTexts): Explanation {
  const { explain, promql } = texts;
  const returns = explain.returns(promql.types[valueType(expr)]);
  const of = (...sentences: readonly string[]): Explanation => ({
    sentences: [...sentences, returns],
    conditions: [],
  });
  switch (expr.kind) {
    case 'number':
      return { sentences: [explain.number], conditions: [] };
    case 'string':
      return { sentences: [explain.string], conditions: [] };
    case 'paren':
      return of(explain.paren);
    case 'unary':
      return of(explain.unary(expr.op));
    case 'stepInvariant':
      return explainExpr(expr.expr, texts);
    case 'call':
      return of(promql.functions[expr.func as keyof PromqlTexts['functions']]);
    case 'subquery':
      return of(explain.subquery(durationText(expr.range)), ...offsetOf(expr.offset, texts));
    case 'vectorSelector':
      return {
        sentences: [explain.selector, ...offsetOf(expr.offset, texts), returns],
        conditions: expr.matchers.map(printMatcher),
      };
    case 'matrixSelector':
      return {
        sentences: [
          explain.rangeSelector(durationText(expr.range)),
          ...offsetOf(expr.selector.offset, texts),
          returns,
        ],
        conditions: expr.selector.matchers.map(printMatcher),
      };
    case 'aggregation':
      return of(promql.aggregations[expr.op], groupingOf(expr, texts));
    case 'binary':
      return of(...binarySentences(expr, texts));
  }
}

type Of<K extends Expr['kind']> = Extract<Expr, { kind: K }>;

function groupingOf({ grouping, without }: Of<'aggregation'>, { explain }: ExplainTexts): string {
  const labels = grouping.join(', ');
  if (without) return explain.groupWithout(labels);
  return grouping.length === 0 ? explain.groupAll : explain.groupBy(labels);
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '>', '<=', '>=']);
const SETS: ReadonlySet<string> = new Set(['and', 'or', 'unless', 'atan2']);

function binarySentences(expr: Of<'binary'>, { explain, promql }: ExplainTexts): readonly string[] {
  const { op, matching, returnBool } = expr;
  const sentences: string[] = [];
  if (SETS.has(op)) sentences.push(promql.words[op as keyof PromqlTexts['words']]);
  if (COMPARISONS.has(op)) {
    sentences.push(returnBool ? explain.comparisonBool : explain.comparison);
  }
  if (matching === undefined) return [...sentences, explain.scalarSide];
  const labels = matching.labels.join(', ');
  const isByAll = !matching.on && matching.labels.length === 0;
  sentences.push(
    isByAll
      ? explain.matchAll
      : matching.on
        ? explain.matchOn(labels)
        : explain.matchIgnoring(labels),
  );
  if (!SETS.has(op) || op === 'atan2') sentences.push(explain.cards[matching.card]);
  return sentences;
}

function offsetOf(offset: DurationExpr | undefined, { explain }: ExplainTexts): readonly string[] {
  return offset === undefined ? [] : [explain.offset(durationText(offset))];
}

/** What stands there; an expression of durations is known only when the query runs. */
function durationText(duration: DurationExpr): string {
  return duration.kind === 'literal' ? printDuration(duration.ms) : '…';
}
