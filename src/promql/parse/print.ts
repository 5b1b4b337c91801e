/** Expressions as canonical text, as Prometheus' String() writes them. Source: promql/parser/printer.go. */
import { printDuration } from '../../model/duration.ts';
import { compareText, METRIC_NAME } from '../../model/labels.ts';
import { isPlainName, quoteText } from '../../model/labels-text.ts';
import type { Matcher } from '../../model/matcher.ts';
import { printFixed, printGeneral } from '../../model/number-text.ts';
import type {
  Aggregation,
  AtModifier,
  Binary,
  DurationExpr,
  Expr,
  MatrixSelector,
  NumberLiteral,
  Subquery,
  VectorSelector,
} from './ast.ts';

/** Parsing the text again gives the same expression. */
export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return printNumber(expr);
    case 'string':
      return quoteText(expr.value);
    case 'vectorSelector':
      return printVectorSelector(expr);
    case 'matrixSelector':
      return printMatrixSelector(expr);
    case 'subquery':
      return `${printExpr(expr.expr)}${printSubqueryTimes(expr)}`;
    case 'call':
      return `${expr.func}(${expr.args.map(printExpr).join(', ')})`;
    case 'aggregation': {
      const param = expr.param === undefined ? '' : `${printExpr(expr.param)}, `;
      return `${printAggregationHead(expr)}(${param}${printExpr(expr.expr)})`;
    }
    case 'binary':
      return `${printExpr(expr.left)} ${printOperator(expr)} ${printExpr(expr.right)}`;
    case 'unary':
      return `${expr.op}${printExpr(expr.expr)}`;
    case 'paren':
      return `(${printExpr(expr.expr)})`;
    case 'stepInvariant':
      return printExpr(expr.expr);
  }
}

/** `sum by (a) `: what stands before the parenthesis. */
export function printAggregationHead({ op, without, grouping }: Aggregation): string {
  if (without) return `${op} without (${printLabelNames(grouping)}) `;
  return grouping.length > 0 ? `${op} by (${printLabelNames(grouping)}) ` : op;
}

/** `== bool on (a) group_left (b)`: the operator and what follows it. */
export function printOperator({ op, returnBool, matching }: Binary): string {
  const parts: string[] = [op];
  if (returnBool) parts.push('bool');
  if (matching === undefined) return parts.join(' ');
  const { labels, on, card, include, fillLeft, fillRight } = matching;
  const isGrouped = card === 'many-to-one' || card === 'one-to-many';
  if (labels.length > 0 || on || isGrouped) {
    parts.push(`${on ? 'on' : 'ignoring'} (${printLabelNames(labels)})`);
  }
  if (isGrouped) {
    const side = card === 'many-to-one' ? 'left' : 'right';
    parts.push(`group_${side} (${printLabelNames(include)})`);
  }
  if (fillLeft !== undefined && fillLeft === fillRight) {
    parts.push(`fill (${printGeneral(fillLeft)})`);
  } else {
    if (fillLeft !== undefined) parts.push(`fill_left (${printGeneral(fillLeft)})`);
    if (fillRight !== undefined) parts.push(`fill_right (${printGeneral(fillRight)})`);
  }
  return parts.join(' ');
}

/** `[5m:1m] @ 1.000 offset 1h`: what makes a subquery of the expression before it. */
export function printSubqueryTimes({ range, step, at, offset }: Subquery): string {
  const grid = step === undefined ? '' : printDurationExpr(step);
  return `[${printDurationExpr(range)}:${grid}]${printAt(at)}${printOffset(offset)}`;
}

/** `name="value"`, the name in quotes where it is not a plain one. */
export function printMatcher({ type, name, value }: Matcher): string {
  return `${isPlainName(name) ? name : quoteText(name)}${type}${quoteText(value)}`;
}

function printNumber({ value, isDuration }: NumberLiteral): string {
  return isDuration ? printSeconds(value) : printFixed(value);
}

function printVectorSelector(expr: VectorSelector): string {
  const extended = printExtended(expr);
  return `${printSeries(expr)}${printAt(expr.at)}${extended}${printOffset(expr.offset)}`;
}

function printMatrixSelector({ selector, range }: MatrixSelector): string {
  const times = `${printAt(selector.at)}${printOffset(selector.offset)}`;
  return `${printSeries(selector)}[${printDurationExpr(range)}]${printExtended(selector)}${times}`;
}

function printSeries({ name, matchers }: VectorSelector): string {
  const shown = matchers.filter((matcher) => !isNameMatcher(matcher, name)).map(printMatcher);
  return shown.length === 0 ? name : `${name}{${shown.sort(compareText).join(',')}}`;
}

function isNameMatcher({ type, name, value }: Matcher, written: string): boolean {
  return name === METRIC_NAME && type === '=' && value === written && value !== '';
}

function printExtended({ extended }: VectorSelector): string {
  return extended === undefined ? '' : ` ${extended}`;
}

function printAt(at: AtModifier | undefined): string {
  if (at === undefined) return '';
  return at.kind === 'time' ? ` @ ${(at.timeMs / 1000).toFixed(3)}` : ` @ ${at.kind}()`;
}

function printOffset(offset: DurationExpr | undefined): string {
  return offset === undefined ? '' : ` offset ${printDurationExpr(offset)}`;
}

/** A literal alone always prints as a duration, inside a larger expression as it was written. */
function printDurationExpr(expr: DurationExpr): string {
  return expr.kind === 'literal' ? printDuration(expr.ms) : printDurationPart(expr);
}

function printDurationPart(expr: DurationExpr): string {
  switch (expr.kind) {
    case 'literal':
      return expr.isDuration ? printSeconds(expr.seconds) : printFixed(expr.seconds);
    case 'step':
    case 'range':
      return `${expr.kind}()`;
    case 'unary':
      return `${expr.op}${printDurationPart(expr.expr)}`;
    case 'binary':
      return `${printDurationPart(expr.left)} ${expr.op} ${printDurationPart(expr.right)}`;
    case 'min_of':
    case 'max_of':
      return `${expr.kind}(${printDurationPart(expr.left)}, ${printDurationPart(expr.right)})`;
    case 'paren':
      return `(${printDurationPart(expr.expr)})`;
  }
}

function printSeconds(seconds: number): string {
  return printDuration(Math.trunc(Math.trunc(seconds * 1e9) / 1e6));
}

function printLabelNames(names: readonly string[]): string {
  return names.map((name) => (isPlainName(name) ? name : quoteText(name))).join(', ');
}
