/** Parts of a plan as they are shown to people, in the manner of Thanos' engine: "[aggregate] sum by ([job])". */
import { unreachable } from '../../base/assert.ts';
import { printFixed } from '../../model/number-text.ts';
import type { Expr } from '../parse/ast.ts';
import type { AggregatePlan, BinaryPlan, CallPlan, Plan } from './plan.ts';
import { typeOfPlan } from './plan.ts';

/** Gives the text of a range of UTF-8 bytes of the query. */
export type TextOf = (position: Plan['position']) => string;

export function textsOf(query: string): TextOf {
  const bytes = new TextEncoder().encode(query);
  const decoder = new TextDecoder();
  return ({ start, end }) => decoder.decode(bytes.subarray(start, end));
}

/** The kind of expression that a part stands for. */
export function expressionKind(plan: Plan): Expr['kind'] {
  switch (plan.kind) {
    case 'select':
      return 'vectorSelector';
    case 'range':
      return 'matrixSelector';
    case 'aggregate':
      return 'aggregation';
    case 'negate':
      return 'unary';
    case 'invariant':
      return 'stepInvariant';
    default:
      return plan.kind;
  }
}

export function planName(plan: Plan, textOf: TextOf): string {
  switch (plan.kind) {
    case 'number':
      return `[numberLiteral] ${printFixed(plan.value)}`;
    case 'string':
      return `[stringLiteral] ${textOf(plan.position)}`;
    case 'select':
      return `[vectorSelector] ${textOf(plan.position)}`;
    case 'range':
      return `[matrixSelector] ${textOf(plan.position)}`;
    case 'subquery':
      return '[subquery]';
    case 'negate':
      return '[unaryNegation]';
    case 'invariant':
      return '[stepInvariant]';
    case 'call':
      return callName(plan);
    case 'aggregate':
      return aggregateName(plan);
    case 'binary':
      return binaryName(plan);
    default:
      return unreachable(plan);
  }
}

function callName({ func, args }: CallPlan): string {
  if (args.length === 0) return `[noArgFunction] ${func}`;
  return func === 'scalar' || func === 'absent' || func === 'timestamp'
    ? `[${func}]`
    : `[function] ${func}`;
}

const K_AGGREGATIONS: ReadonlySet<string> = new Set(['topk', 'bottomk', 'limitk', 'limit_ratio']);

function aggregateName({ op, grouping, without, param }: AggregatePlan): string {
  const groups = `${without ? 'without' : 'by'} (${list(grouping)})`;
  if (op === 'count_values') {
    const label = param?.kind === 'string' ? param.value : '';
    return `[countValues] ${groups} - param (${label})`;
  }
  return `[${K_AGGREGATIONS.has(op) ? 'kaggregate' : 'aggregate'}] ${op} ${groups}`;
}

function binaryName({ op, left, right, matching }: BinaryPlan): string {
  const hasScalar = typeOfPlan(left) === 'scalar' || typeOfPlan(right) === 'scalar';
  if (hasScalar || matching === undefined) return `[vectorScalarBinary] ${op}`;
  const { card, labels, on, include } = matching;
  const how = `${on ? 'on' : 'ignoring'}: ${list(labels)}, group: ${list(include)}`;
  return `[vectorBinary] ${op} - ${card}, ${how}`;
}

/** As Go prints a list. */
function list(names: readonly string[]): string {
  return `[${names.join(' ')}]`;
}
