/** A server's storage as its main thread and its query workers reach it. */
import { Kernel } from '../base/kernel.ts';
import { KernelPool } from '../base/kernel-pool.ts';
import type { Engine } from '../engine/engine.ts';
import type { IngestClient } from '../ingest/ingest-client.ts';
import { StorageReader } from '../ingest/storage-reader.ts';
import type { ChunkQueryable } from '../storage/chunk-queryable.ts';
import type { Queryable } from '../storage/queryable.ts';
import { readKernelModule } from '../world/kernel-module.ts';
import type { CommandContext } from './command.ts';
import { measuredEngine } from './engine-metrics.ts';
import type { PromqlFeatures } from './prometheus-features.ts';
import type { PrometheusValues } from './prometheus-options.ts';
import { startEngine } from './start-engine.ts';

/** The main thread reads labels and chunks only: little of the blocks is worth keeping there. */
const MAIN_CACHE_BYTES = 16 << 20;
const MAIN_KERNEL_BYTES = 1 << 30;

/** Kernels for short work in the main thread; the module is compiled when the first is needed. */
export function mainKernels(): KernelPool {
  let module: WebAssembly.Module | undefined;
  return new KernelPool(() => {
    module ??= readKernelModule();
    return new Kernel(module, MAIN_KERNEL_BYTES);
  });
}

export interface ServerStorageOptions {
  readonly context: CommandContext;
  readonly directory: string;
  readonly ingest: IngestClient;
  readonly kernels: KernelPool;
}

/** Opened at the first request. Closed with the command. */
export function mainStorage(options: ServerStorageOptions): () => Queryable & ChunkQueryable {
  const { context, directory, ingest, kernels } = options;
  let reader: StorageReader | undefined;
  const open = (): StorageReader =>
    context.resources.use(
      new StorageReader({ files: context.files, directory, cacheBytes: MAIN_CACHE_BYTES, kernels }),
    );
  return () => {
    reader ??= open();
    return reader.open((request) => ingest.call('head', request));
  };
}

export interface EngineScope {
  readonly features: PromqlFeatures;
  /** Step of subqueries that name none. */
  readonly evaluationIntervalMs: number;
}

/** Its workers start with the first queries. Closed with the command. */
export function serverEngine(
  { context, directory, ingest }: ServerStorageOptions,
  values: PrometheusValues,
  { features, evaluationIntervalMs }: EngineScope,
): Engine {
  const { syntax, delayedNameRemoval } = features;
  const engine = startEngine(context, values, {
    settings: {
      maxSamples: values.maxSamples,
      noStepSubqueryIntervalMs: evaluationIntervalMs,
      syntax,
      features: { delayedNameRemoval },
    },
    storage: { kind: 'tsdb', directory, cacheBytes: values.blockCacheBytes },
    isLazy: true,
    async onHostCall(payload) {
      const value = await ingest.call('head', payload);
      return { value, transfer: value.buffers };
    },
  });
  return measuredEngine(engine, context.metrics);
}
