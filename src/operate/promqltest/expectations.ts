/** What a script says about the outcome of a query. */
import { OperationError } from '../../base/errors.ts';
import type { Labels } from '../../model/labels.ts';
import { labelsKey } from '../../model/labels.ts';
import { unquote } from '../../promql/parse/lex-string.ts';
import type { SequenceValue } from './series-notation.ts';
import { compileSearch, type TextSearch } from './text-search.ts';

export interface Expectations {
  /** The samples of a vector or matrix by label set (labelsKey); meaningless beside a scalar or string. */
  readonly series: ReadonlyMap<string, ExpectedSeries>;
  readonly scalar: number | undefined;
  readonly string: string | undefined;
  /** Times of the samples of a range vector that an instant query gives. */
  readonly grid: Grid | undefined;
  readonly isOrdered: boolean;
  /** The query must fail, in one of these ways; any way if the list is empty. */
  readonly failure: readonly TextSearch[] | undefined;
  /** At least one annotation of the severity, whatever it says. */
  readonly someWarning: boolean;
  readonly someInfo: boolean;
  /** Each must be found, and nothing else; undefined says nothing, an empty list that there is none. */
  readonly warnings: readonly TextSearch[] | undefined;
  readonly infos: readonly TextSearch[] | undefined;
}

export interface ExpectedSeries {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
}

export interface Grid {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

const EXPECT = /^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$/;

export class ExpectationsBuilder {
  readonly #series = new Map<string, ExpectedSeries>();
  readonly #isInstant: boolean;
  readonly #modifier: string | undefined;
  readonly #lines = new Map<string, TextSearch[]>();
  #scalar: number | undefined;
  #string: string | undefined;
  #grid: Grid | undefined;

  /** The modifier is the old form: `eval_warn`. */
  constructor(modifier: string | undefined, isInstant: boolean) {
    this.#modifier = modifier;
    this.#isInstant = isInstant;
    if (modifier === 'fail') this.#lines.set('fail', []);
  }

  expectScalar(value: number): void {
    this.#scalar = value;
  }

  /** The literal as Go writes strings. */
  expectString(literal: string): void {
    if (!/^(".*"|`.*`)$/s.test(literal)) {
      throw new OperationError('bad-data', 'expect string needs a string in quotes');
    }
    this.#string = unquote(literal);
  }

  expectGrid(grid: Grid): void {
    this.#grid = grid;
  }

  expectSeries(labels: Labels, values: readonly SequenceValue[]): void {
    if (values.length > 1 && this.#isInstant && this.#grid === undefined) {
      const hint = 'use "expect range vector" for a range vector';
      throw new OperationError('bad-data', `several values for an instant query; ${hint}`);
    }
    this.#scalar = undefined;
    this.#series.set(labelsKey(labels), { labels, values });
  }

  expectFailure(form: 'msg' | 'regex', text: string): void {
    this.#add('fail', form, text);
  }

  /** `expect warn msg: …` and its like. */
  expectLine(line: string): void {
    const [, word, form = 'regex', text = '.*'] = EXPECT.exec(line) ?? [];
    if (word === undefined) {
      throw new OperationError(
        'bad-data',
        'expected "expect ordered|fail|warn|no_warn|info|no_info [msg:TEXT|regex:TEXT]"',
      );
    }
    this.#add(word, form === 'msg' ? 'msg' : 'regex', text.trim());
    for (const severity of ['info', 'warn']) {
      if (this.#lines.has(severity) && this.#lines.has(`no_${severity}`)) {
        const both = `expect ${severity} and expect no_${severity}`;
        throw new OperationError('bad-data', `${both} cannot be used together`);
      }
    }
    if ((this.#lines.get('fail')?.length ?? 0) > 1) {
      throw new OperationError('bad-data', 'expect fail may be given once');
    }
  }

  #add(word: string, form: 'msg' | 'regex', text: string): void {
    const known = this.#lines.get(word) ?? [];
    this.#lines.set(word, [...known, compileSearch(form, text)]);
  }

  finish(): Expectations {
    const lines = this.#lines;
    const annotations = (word: string): readonly TextSearch[] | undefined =>
      lines.has(`no_${word}`) ? [] : lines.get(word);
    return {
      series: this.#series,
      scalar: this.#scalar,
      string: this.#string,
      grid: this.#grid,
      isOrdered: this.#modifier === 'ordered' || lines.has('ordered'),
      failure: lines.get('fail'),
      someWarning: this.#modifier === 'warn',
      someInfo: this.#modifier === 'info',
      warnings: annotations('warn'),
      infos: annotations('info'),
    };
  }
}
