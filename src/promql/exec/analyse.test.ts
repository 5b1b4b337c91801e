import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { testKernel } from '../../base/testing/kernel.ts';
import type { AnalysedPart, ExplainedPart } from '../../model/query-analysis.ts';
import { parseExpr } from '../parse/parse-expr.ts';
import { buildPlan } from '../plan/build-plan.ts';
import { analysePlan, explainPlan } from './analyse.ts';
import { QueryProfile } from './query-profile.ts';
import { minutes, type RequestChanges, runText, storeOf } from './testing/evaluate-text.ts';

const store = storeOf(`
  requests{job="a",i="1"} 0 1 2 3 4 5 6 7 8 9 10
  requests{job="a",i="2"} 0 2 4 6 8 10 12 14 16 18 20
  requests{job="b",i="3"} 0 3 6 9 12 15 18 21 24 27 30
`);

/** Lines "name start-end", indented; what `show` says is added. */
function outline<Part extends ExplainedPart>(
  part: Part,
  show: (part: Part) => string = () => '',
  depth = 0,
): string[] {
  const { name, kind, start, end, children } = part;
  const line = `${'  '.repeat(depth)}${name} <${kind}> ${start}-${end}${show(part)}`;
  return [line, ...children.flatMap((child) => outline(child as Part, show, depth + 1))];
}

test('a plan is told part by part, each with its place in the text', () => {
  const f = (query: string, want: readonly string[]): void => {
    const times = { startMs: 0, endMs: 60_000, stepMs: 1000, noStepSubqueryIntervalMs: 60_000 };
    assert.deepEqual(outline(explainPlan(buildPlan(parseExpr(query), times), query)), want);
  };
  f('sum by (job, i) (rate(requests{job="é"}[5m] offset 1m))', [
    '[aggregate] sum by ([job i]) <aggregation> 0-56',
    '  [function] rate <call> 17-55',
    '    [matrixSelector] requests{job="é"}[5m] offset 1m <matrixSelector> 22-54',
  ]);
  f('(a + on (x) group_left (y) b) * -2', [
    '[vectorScalarBinary] * <binary> 0-34',
    '  [vectorBinary] + - many-to-one, on: [x], group: [y] <binary> 1-28',
    '    [vectorSelector] a <vectorSelector> 1-2',
    '    [vectorSelector] b <vectorSelector> 27-28',
    '  [numberLiteral] -2 <number> 32-34',
  ]);
  f('topk(2, max_over_time(a[1h:1m])) > bool scalar(b @ 3)', [
    '[vectorScalarBinary] > <binary> 0-53',
    '  [kaggregate] topk by ([]) <aggregation> 0-32',
    '    [function] max_over_time <call> 8-31',
    '      [subquery] <subquery> 22-30',
    '        [vectorSelector] a <vectorSelector> 22-23',
    '    [numberLiteral] 2 <number> 5-6',
    '  [stepInvariant] <stepInvariant> 40-53',
    '    [scalar] <call> 40-53',
    '      [vectorSelector] b @ 3 <vectorSelector> 47-52',
  ]);
});

/** A clock that goes on by a millisecond each time it is read. */
async function analysed(query: string, changes: RequestChanges): Promise<AnalysedPart> {
  let nowMs = 0;
  const profile = new QueryProfile(() => nowMs++);
  const all = { ...changes, kernel: testKernel(), countsWindows: true, profile };
  const { outcome } = await runText(store, query, all);
  const root = analysePlan(outcome.plan, query, profile);
  assert.equal(root.totalSamples, outcome.statistics.totalSamples, query);
  return root;
}

test('parts tell how many series and samples they gave and saw', async () => {
  const f = async (
    query: string,
    changes: RequestChanges,
    want: readonly string[],
  ): Promise<void> => {
    const root = await analysed(query, changes);
    const lines = outline(root, ({ series, samples, totalSamples, read }) => {
      const reading = read === undefined ? '' : ' read';
      return ` ${series}×${samples} saw ${totalSamples}${reading}`;
    });
    assert.deepEqual(
      lines.map((line) => line.replace(/ <.*?> \S+/, '')),
      want,
    );
  };
  await f('sum by (job) (rate(requests[3m]))', minutes(4, 8), [
    '[aggregate] sum by ([job]) 2×10 saw 45',
    '  [function] rate 3×15 saw 45',
    '    [matrixSelector] requests[3m] 3×33 saw 45 read',
  ]);
  await f('requests{job="a"} * scalar(requests{i="3"} @ 120)', minutes(4, 8), [
    '[vectorScalarBinary] * 2×10 saw 15',
    '  [vectorSelector] requests{job="a"} 2×10 saw 10 read',
    '  [stepInvariant] undefined×undefined saw 5',
    '    [scalar] undefined×undefined saw 1',
    '      [vectorSelector] requests{i="3"} @ 120 1×1 saw 1 read',
  ]);
  await f('max_over_time(requests{i="1"}[4m:2m])', minutes(8, 10, 2), [
    '[function] max_over_time 1×2 saw 4',
    '  [subquery] 1×3 saw 3',
    '    [vectorSelector] requests{i="1"} 1×3 saw 3 read',
  ]);
  await f('requests[3m]', {}, ['[matrixSelector] requests[3m] 3×33 saw 9 read']);
});

test('the time of all parts together is the whole time', async () => {
  const root = await analysed('sum(rate(requests[3m])) + count(requests)', minutes(4, 8));
  const parts = [root];
  for (const part of parts) parts.push(...part.children);
  const selfMs = parts.reduce((sum, part) => sum + part.selfMs, 0);
  const waits = parts.map(({ read }) => read?.waitMs ?? 0);
  assert.equal(root.executionMs, selfMs + Math.max(...waits));
  for (const { name, selfMs: own } of parts) assert.ok(own > 0, name);
});
