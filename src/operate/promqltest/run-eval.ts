/** One eval command: the query itself, and what should give the same. */
import { errorText, OperationError } from '../../base/errors.ts';
import { atModifierVariants } from './at-modifier-variants.ts';
import { checkAnnotations } from './check-annotations.ts';
import { compareResult, findUnsorted } from './compare-result.ts';
import type { Expectations } from './expectations.ts';
import type { QueryOutcome, QueryTarget, TargetQuery } from './query-target.ts';
import type { EvalCommand } from './script.ts';
import { resultAt } from './script-result.ts';

const MINUTE_MS = 60_000;

/** What is wrong, or undefined when everything is as expected. */
export async function runEval(
  command: EvalCommand,
  target: QueryTarget,
): Promise<string | undefined> {
  const { query, startMs, stepMs, expectations } = command;
  if (stepMs > 0) return await runQuery(command, target, expectations, '');
  // A range vector is expected at the times of its own line, and asked for at the last of them.
  const timeMs = expectations.grid?.endMs ?? startMs;
  const variants = [{ query, timeMs }, ...atModifierVariants(query, timeMs)];
  for (const variant of variants) {
    const instant = {
      query: variant.query,
      startMs: variant.timeMs,
      endMs: variant.timeMs,
      stepMs: 0,
    };
    const place = variant.query === query ? '' : ` in ${variant.query} at ${variant.timeMs}`;
    const difference =
      (await runQuery(instant, target, expectations, place)) ??
      (await runAsRange(instant, target, expectations, place));
    if (difference !== undefined) return difference;
  }
  return undefined;
}

async function runQuery(
  query: TargetQuery,
  target: QueryTarget,
  expected: Expectations,
  place: string,
): Promise<string | undefined> {
  let outcome: QueryOutcome;
  try {
    outcome = await target.query(query);
  } catch (error) {
    if (!isAnswer(error)) throw error;
    return checkFailure(expected, errorText(error), place);
  }
  if (expected.failure !== undefined) return `expected an error, got none${place}`;
  const grid = expected.grid ?? query;
  const difference =
    checkAnnotations(expected, outcome) ?? compareResult(expected, outcome.result, grid);
  return difference === undefined ? undefined : `${difference}${place}`;
}

function checkFailure(expected: Expectations, text: string, place: string): string | undefined {
  if (expected.failure === undefined) return `${text}${place}`;
  const lacking = expected.failure.find((search) => !search.matches(text));
  if (lacking === undefined) return undefined;
  return `expected the error ${lacking.source}, got ${text}${place}`;
}

/** An error is an answer unless the target cannot answer such a query at all. */
function isAnswer(error: unknown): boolean {
  return error instanceof OperationError && error.kind !== 'not-acceptable';
}

const DEPENDS_ON_RANGE = /(start|end|range|step)\(\)/;

/** The middle one of three steps of a range query gives what the instant query gives. */
async function runAsRange(
  instant: TargetQuery,
  target: QueryTarget,
  expected: Expectations,
  place: string,
): Promise<string | undefined> {
  const isInstantOnly = expected.grid !== undefined || expected.string !== undefined;
  if (isInstantOnly || expected.failure !== undefined) return undefined;
  if (DEPENDS_ON_RANGE.test(instant.query)) return undefined;
  const { query, startMs } = instant;
  const where = `${place} as the middle of a range query`;
  let outcome: QueryOutcome;
  try {
    const ends = { startMs: startMs - MINUTE_MS, endMs: startMs + MINUTE_MS };
    outcome = await target.query({ query, ...ends, stepMs: MINUTE_MS });
  } catch (error) {
    if (!isAnswer(error)) throw error;
    return `${errorText(error)}${where}`;
  }
  if (expected.isOrdered || outcome.result.kind !== 'matrix') return undefined;
  const isScalar = expected.scalar !== undefined;
  const { series } = outcome.result;
  const middle = resultAt(series, startMs, isScalar);
  const difference = findUnsorted(series) ?? compareResult(expected, middle, instant);
  return difference === undefined ? undefined : `${difference}${where}`;
}
