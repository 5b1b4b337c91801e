/** Runs scripts in process, with the settings that they assume. */
import type { Kernel } from '../../base/kernel.ts';
import { prepareQuery } from '../../promql/exec/query.ts';
import { ResultCollector } from '../../promql/exec/result-collector.ts';
import { parseExpr } from '../../promql/parse/parse-expr.ts';
import { FULL_SYNTAX } from '../../promql/parse/syntax-options.ts';
import { MemoryStore } from '../../storage/memory-store.ts';
import type { SeriesSamples } from './load.ts';
import type { QueryOutcome, QueryTarget, TargetQuery } from './query-target.ts';
import { scriptResult } from './script-result.ts';

const SETTINGS = {
  lookbackMs: 300_000,
  noStepSubqueryIntervalMs: 60_000,
  maxSamples: 10_000,
  features: { delayedNameRemoval: true, startTimestamps: true, typeAndUnitLabels: false },
};

export class MemoryTarget implements QueryTarget {
  readonly #kernel: Kernel;
  readonly #store = new MemoryStore();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  async load(all: readonly SeriesSamples[]): Promise<void> {
    for (const { labels, samples } of all) {
      for (const sample of samples) this.#store.append(labels, sample);
    }
  }

  async clear(): Promise<void> {
    this.#store.clear();
  }

  async query({ query, startMs, endMs, stepMs }: TargetQuery): Promise<QueryOutcome> {
    const expr = parseExpr(query, FULL_SYNTAX);
    const { signal } = new AbortController();
    const request = { expr, query, startMs, endMs, stepMs, ...SETTINGS };
    using prepared = await prepareQuery(request, this.#store, { signal });
    const collector = new ResultCollector(this.#kernel);
    const { annotations } = prepared.run(this.#kernel, collector, { isCanceled: () => false });
    const { warnings, infos } = annotations;
    return { result: scriptResult(collector.result), warnings, infos };
  }
}
