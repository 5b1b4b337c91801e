/** A query's plan as a tree to be shown: as it will run, and with what its parts cost when it has run. */
import type { AnalysedPart, AnalysedRead, ExplainedPart } from '../../model/query-analysis.ts';
import { childrenOfPlan, type Plan } from '../plan/plan.ts';
import { expressionKind, planName, type TextOf, textsOf } from '../plan/plan-name.ts';
import type { PartFigures, QueryProfile, ReadFigures } from './query-profile.ts';

/** @param query the text that the plan was made from. */
export function explainPlan(plan: Plan, query: string): ExplainedPart {
  return explain(plan, textsOf(query));
}

function explain(plan: Plan, textOf: TextOf): ExplainedPart {
  const children = partsBelow(plan).map((part) => explain(part, textOf));
  return { ...describe(plan, textOf), children };
}

function describe(plan: Plan, textOf: TextOf): Omit<ExplainedPart, 'children'> {
  const { start, end } = plan.position;
  return { name: planName(plan, textOf), kind: expressionKind(plan), start, end };
}

/** A range selector is one part. */
function partsBelow(plan: Plan): readonly Plan[] {
  return plan.kind === 'range' ? [] : childrenOfPlan(plan);
}

/** Of a query that has run under the profile. */
export function analysePlan(plan: Plan, query: string, profile: QueryProfile): AnalysedPart {
  return analyse(plan, { textOf: textsOf(query), profile, seenAbove: 0 }).part;
}

interface Scope {
  readonly textOf: TextOf;
  readonly profile: QueryProfile;
  /** Samples of a range selector are counted by the function around it. */
  readonly seenAbove: number;
}

/** A part, with what its parent adds up. */
interface Analysed {
  readonly part: AnalysedPart;
  readonly evaluationMs: number;
  readonly waitMs: number;
}

const NOTHING: PartFigures = {
  selfMs: 0,
  given: undefined,
  totalSamples: 0,
  peakSamples: 0,
  steps: 1,
  read: undefined,
};

function analyse(plan: Plan, scope: Scope): Analysed {
  const { textOf, profile, seenAbove } = scope;
  const own = profile.figuresOf(plan) ?? NOTHING;
  const source = plan.kind === 'range' ? (profile.figuresOf(plan.selector) ?? NOTHING) : NOTHING;
  const read = own.read ?? source.read;
  const given = plan.kind === 'range' ? read : (own.given ?? read);
  const parts = partsBelow(plan);
  const seenByRange = parts.some(({ kind }) => kind === 'range') ? own.totalSamples : 0;
  const below = parts.map((part) => analyse(part, { ...scope, seenAbove: seenByRange }));
  const children = below.map(({ part }) => part);
  const selfMs = own.selfMs + source.selfMs;
  const evaluationMs = below.reduce((sum, child) => sum + child.evaluationMs, selfMs);
  const waitMs = Math.max(read?.waitMs ?? 0, ...below.map((child) => child.waitMs));
  const part: AnalysedPart = {
    ...describe(plan, textOf),
    executionMs: evaluationMs + waitMs,
    selfMs,
    totalSamples: own.totalSamples - seenByRange + seenAbove + seenBelow(plan, own, children),
    peakSamples: Math.max(own.peakSamples, ...children.map((child) => child.peakSamples)),
    series: given?.series,
    samples: given?.samples,
    read: read === undefined ? undefined : readOf(read),
    children,
  };
  return { part, evaluationMs, waitMs };
}

/** What a subquery reads counts when its result is read; what is shown at every step counts at every step. */
function seenBelow(plan: Plan, own: PartFigures, children: readonly AnalysedPart[]): number {
  if (plan.kind === 'call' && plan.args.some(({ kind }) => kind === 'subquery')) return 0;
  const sum = children.reduce((total, child) => total + child.totalSamples, 0);
  return plan.kind === 'invariant' ? sum * own.steps : sum;
}

function readOf({ waitMs, account }: ReadFigures): AnalysedRead {
  const { chunks, bytes, cachedSeries, endpoints } = account;
  return { waitMs, chunks, bytes, cacheHits: cachedSeries, endpoints };
}
