/**
 * PromQL test scripts as a list of commands: `clear`, `load`, `eval`. An empty line or a comment ends a block.
 * Source: the scripts' own documentation and promql/promqltest of Prometheus (3.14).
 */
import { errorText, OperationError } from '../../base/errors.ts';
import { parsePrometheusDuration } from '../../model/duration.ts';
import type { Labels } from '../../model/labels.ts';
import { labelsKey } from '../../model/labels.ts';
import { parseNumber } from '../../model/number-text.ts';
import { parseExpr } from '../../promql/parse/parse-expr.ts';
import { FULL_SYNTAX } from '../../promql/parse/syntax-options.ts';
import { type Expectations, ExpectationsBuilder } from './expectations.ts';
import { parseSeries, type SequenceValue } from './series-notation.ts';
import { parseStartTimes, type StartTimeLine } from './start-time-notation.ts';

export type Command = { readonly kind: 'clear'; readonly line: number } | LoadCommand | EvalCommand;

export interface LoadCommand {
  readonly kind: 'load';
  /** In the file, from 1. */
  readonly line: number;
  readonly gapMs: number;
  /** Also add classic histograms as native ones with custom buckets. */
  readonly withCustomBuckets: boolean;
  readonly series: readonly LoadedSeries[];
}

export interface LoadedSeries {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
  /** Milliseconds relative to each sample, parallel to the values; absent if no sample has a start time. */
  readonly startOffsets: readonly (number | undefined)[] | undefined;
}

export interface EvalCommand {
  readonly kind: 'eval';
  readonly line: number;
  readonly query: string;
  /** Equal to endMs in an instant query. */
  readonly startMs: number;
  readonly endMs: number;
  /** 0 in an instant query. */
  readonly stepMs: number;
  readonly expectations: Expectations;
}

/** Throws OperationError 'bad-data': `line 7: …`. */
export function parseScript(text: string): readonly Command[] {
  const lines = new ScriptLines(text);
  const commands: Command[] = [];
  while (lines.next()) {
    if (lines.text === '') continue;
    try {
      commands.push(parseCommand(lines));
    } catch (error) {
      throw new OperationError('bad-data', `line ${lines.number}: ${errorText(error)}`);
    }
  }
  return commands;
}

class ScriptLines {
  readonly #lines: readonly string[];
  #at = -1;

  constructor(text: string) {
    this.#lines = text
      .split('\n')
      .map((line) => line.trim())
      .map((line) => (line.startsWith('#') ? '' : line));
  }

  next(): boolean {
    this.#at++;
    return this.#at < this.#lines.length;
  }

  /** Moves to the next line of the current block. */
  nextOfBlock(): boolean {
    if ((this.#lines[this.#at + 1] ?? '') === '') return false;
    this.#at++;
    return true;
  }

  get text(): string {
    return this.#lines[this.#at] ?? '';
  }

  get number(): number {
    return this.#at + 1;
  }
}

function parseCommand(lines: ScriptLines): Command {
  const [word = ''] = lines.text.toLowerCase().split(/[\t ]/);
  if (word === 'clear') return { kind: 'clear', line: lines.number };
  if (word.startsWith('load')) return parseLoad(lines);
  if (word.startsWith('eval')) return parseEval(lines);
  throw fault(`unknown command ${JSON.stringify(lines.text)}, expected clear, load or eval`);
}

function fault(text: string): OperationError {
  return new OperationError('bad-data', text);
}

function parseDuration(text: string, what: string): number {
  const ms = parsePrometheusDuration(text);
  if (ms === undefined) throw fault(`${what} is not a duration: ${JSON.stringify(text)}`);
  return ms;
}

function parseLoad(lines: ScriptLines): LoadCommand {
  const line = lines.number;
  const [, nhcb, gap = ''] = /^load(?:_(with_nhcb))?\s+(.+?)$/.exec(lines.text) ?? [];
  const gapMs = parseDuration(gap, 'the interval of load');
  const series = new Map<string, LoadedSeries>();
  let startTimes: StartTimeLine | undefined;
  while (lines.nextOfBlock()) {
    const found = parseStartTimes(lines.text);
    if (found !== undefined) {
      if (startTimes !== undefined) throw fault('an @st line must be followed by its samples');
      startTimes = found;
      continue;
    }
    const { labels, values } = parseSeries(lines.text);
    checkStartTimes(startTimes, labels, values.length);
    series.set(labelsKey(labels), { labels, values, startOffsets: startTimes?.offsets });
    startTimes = undefined;
  }
  if (startTimes !== undefined) throw fault('an @st line must be followed by its samples');
  const withCustomBuckets = nhcb !== undefined;
  return { kind: 'load', line, gapMs, withCustomBuckets, series: [...series.values()] };
}

function checkStartTimes(found: StartTimeLine | undefined, labels: Labels, count: number): void {
  if (found === undefined) return;
  if (labelsKey(found.labels) !== labelsKey(labels)) {
    throw fault('the @st line above is for another series');
  }
  if (found.offsets.length !== count) {
    throw fault(`the @st line above has ${found.offsets.length} items for ${count} samples`);
  }
}

const INSTANT = /^eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(.+?))?\s+(.+)$/;
const RANGE =
  /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+?)\s+(.+)$/;

function parseEval(lines: ScriptLines): EvalCommand {
  const line = lines.number;
  const head = parseEvalHead(lines.text);
  const builder = new ExpectationsBuilder(head.modifier, head.stepMs === 0);
  parseExpr(head.query, FULL_SYNTAX);
  while (lines.nextOfBlock()) {
    if (!addResultLine(builder, lines.text)) break;
  }
  const { query, startMs, endMs, stepMs } = head;
  return { kind: 'eval', line, query, startMs, endMs, stepMs, expectations: builder.finish() };
}

interface EvalHead {
  readonly modifier: string | undefined;
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

function parseEvalHead(text: string): EvalHead {
  const instant = INSTANT.exec(text);
  if (instant !== null) {
    const [, modifier, at = '', query = ''] = instant;
    const timeMs = parseDuration(at, 'the time of eval');
    return { modifier, query, startMs: timeMs, endMs: timeMs, stepMs: 0 };
  }
  const range = RANGE.exec(text);
  if (range === null) {
    throw fault(
      'expected "eval instant at TIME QUERY" or "eval range from TIME to TIME step STEP QUERY"',
    );
  }
  const [, modifier, from = '', to = '', step = '', query = ''] = range;
  return { modifier, query, ...parseGrid(from, to, step) };
}

function parseGrid(
  from: string,
  to: string,
  step: string,
): { readonly startMs: number; readonly endMs: number; readonly stepMs: number } {
  const startMs = parseDuration(from, 'the start');
  const endMs = parseDuration(to, 'the end');
  const stepMs = parseDuration(step, 'the step');
  if (endMs < startMs) throw fault(`the end ${to} is before the start ${from}`);
  if (stepMs <= 0) throw fault('the step must be greater than 0');
  return { startMs, endMs, stepMs };
}

const EXPECTED_RANGE = /^expect range vector\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+)$/;

/** False if nothing of the block may follow. */
function addResultLine(builder: ExpectationsBuilder, text: string): boolean {
  const [, form, failure] = /^expected_fail_(message|regexp)\s*(.*)$/.exec(text) ?? [];
  if (form !== undefined) {
    builder.expectFailure(form === 'message' ? 'msg' : 'regex', failure ?? '');
    return false;
  }
  if (text.startsWith('expect range vector')) {
    const [, from, to = '', step = ''] = EXPECTED_RANGE.exec(text) ?? [];
    if (from === undefined)
      throw fault('expected "expect range vector from TIME to TIME step STEP"');
    builder.expectGrid(parseGrid(from, to, step));
    return true;
  }
  if (text.startsWith('expect string')) {
    builder.expectString(text.slice('expect string'.length).trim());
    return true;
  }
  if (text.split(' ')[0] === 'expect') {
    builder.expectLine(text);
    return true;
  }
  const scalar = tryNumber(text);
  if (scalar !== undefined) {
    builder.expectScalar(scalar);
    return false;
  }
  const { labels, values } = parseSeries(text);
  builder.expectSeries(labels, values);
  return true;
}

function tryNumber(text: string): number | undefined {
  try {
    return parseNumber(text);
  } catch {
    return undefined;
  }
}
