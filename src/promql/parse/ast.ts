/**
 * The syntax tree of PromQL. Plain data; every node knows its byte range in the query. Offsets are UTF-8
 * bytes from 0, end exclusive. Source: Prometheus' promql/parser (3.14).
 */
import type { Matcher } from '../../model/matcher.ts';

export type ValueType = 'none' | 'scalar' | 'vector' | 'matrix' | 'string';

export interface Position {
  readonly start: number;
  readonly end: number;
}

export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Call
  | Aggregation
  | Binary
  | Unary
  | Paren
  | StepInvariant;

export interface NumberLiteral {
  readonly kind: 'number';
  readonly position: Position;
  readonly value: number;
  /** Written as a duration ("5m"): prints as one. */
  readonly isDuration: boolean;
}

export interface StringLiteral {
  readonly kind: 'string';
  readonly position: Position;
  readonly value: string;
}

/** Where `@` fixes the evaluation time: milliseconds, or an end of the query's range. */
export type AtModifier =
  | { readonly kind: 'time'; readonly timeMs: number }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' };

/**
 * An offset, range or step. Positions are those of Prometheus' messages: parentheses, `min_of(` and `max_of(` are
 * not part of them.
 */
export type DurationExpr =
  | DurationLiteral
  | { readonly kind: 'step' | 'range'; readonly position: Position }
  | {
      readonly kind: 'unary';
      readonly position: Position;
      readonly op: '+' | '-';
      readonly expr: DurationExpr;
    }
  | {
      readonly kind: 'binary';
      readonly position: Position;
      readonly op: '+' | '-' | '*' | '/' | '%' | '^';
      readonly left: DurationExpr;
      readonly right: DurationExpr;
    }
  | {
      readonly kind: 'min_of' | 'max_of';
      readonly position: Position;
      readonly left: DurationExpr;
      readonly right: DurationExpr;
    }
  | { readonly kind: 'paren'; readonly position: Position; readonly expr: DurationExpr };

export interface DurationLiteral {
  readonly kind: 'literal';
  readonly position: Position;
  /** Whole milliseconds, rounded towards zero: what counts when the literal stands alone. */
  readonly ms: number;
  /** What counts inside a larger expression. */
  readonly seconds: number;
  /** Written as a duration ("5m"): prints as one inside a larger expression. */
  readonly isDuration: boolean;
}

export interface VectorSelector {
  readonly kind: 'vectorSelector';
  readonly position: Position;
  /** As written before the braces; '' if none. The matchers hold the name too. */
  readonly name: string;
  readonly matchers: readonly Matcher[];
  readonly offset: DurationExpr | undefined;
  readonly at: AtModifier | undefined;
  readonly extended: 'anchored' | 'smoothed' | undefined;
}

export interface MatrixSelector {
  readonly kind: 'matrixSelector';
  readonly position: Position;
  readonly selector: VectorSelector;
  readonly range: DurationExpr;
}

export interface Subquery {
  readonly kind: 'subquery';
  readonly position: Position;
  readonly expr: Expr;
  readonly range: DurationExpr;
  /** Absent: the default evaluation interval. */
  readonly step: DurationExpr | undefined;
  readonly offset: DurationExpr | undefined;
  readonly at: AtModifier | undefined;
}

export interface Call {
  readonly kind: 'call';
  readonly position: Position;
  readonly func: string;
  readonly args: readonly Expr[];
}

export type AggregationOp =
  | 'sum'
  | 'avg'
  | 'min'
  | 'max'
  | 'count'
  | 'group'
  | 'stddev'
  | 'stdvar'
  | 'topk'
  | 'bottomk'
  | 'quantile'
  | 'count_values'
  | 'limitk'
  | 'limit_ratio';

export interface Aggregation {
  readonly kind: 'aggregation';
  readonly position: Position;
  readonly op: AggregationOp;
  readonly expr: Expr;
  readonly param: Expr | undefined;
  readonly grouping: readonly string[];
  readonly without: boolean;
}

export type BinaryOp =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | 'atan2'
  | '=='
  | '!='
  | '<'
  | '>'
  | '<='
  | '>='
  | '</'
  | '>/'
  | 'and'
  | 'or'
  | 'unless';

export interface VectorMatching {
  readonly card: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';
  readonly labels: readonly string[];
  /** `on` (true) or `ignoring`. */
  readonly on: boolean;
  /** Labels copied from the "one" side. */
  readonly include: readonly string[];
  readonly fillLeft: number | undefined;
  readonly fillRight: number | undefined;
}

export interface Binary {
  readonly kind: 'binary';
  readonly position: Position;
  readonly op: BinaryOp;
  readonly left: Expr;
  readonly right: Expr;
  /** Absent unless both sides are vectors. */
  readonly matching: VectorMatching | undefined;
  readonly returnBool: boolean;
}

export interface Unary {
  readonly kind: 'unary';
  readonly position: Position;
  readonly op: '+' | '-';
  readonly expr: Expr;
}

export interface Paren {
  readonly kind: 'paren';
  readonly position: Position;
  readonly expr: Expr;
}

/** Put around what gives the same at every step, by the planner, never by the parser. */
export interface StepInvariant {
  readonly kind: 'stepInvariant';
  readonly position: Position;
  readonly expr: Expr;
}
