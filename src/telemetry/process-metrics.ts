/**
 * What a process tells about itself: process_* and nodejs_* (event-loop lag among them) by the client library, and the
 * names of the Go runtime, so that dashboards and alerts made for Thanos and Prometheus are not empty.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { collectDefaultMetrics, Summary } from '@prometheus-io/client';
import type { FileSystem } from '../base/file-system.ts';
import { gauge, type MetricRegistry, sampledCounter, sampledGauge } from './metrics.ts';

export interface BuildInfo {
  readonly version: string;
  readonly revision: string;
  readonly branch: string;
}

/** Declares the metrics that every process has. Once per process: it observes the garbage collector until its end. */
export function observeProcess(
  registry: MetricRegistry,
  build: BuildInfo,
  files: FileSystem,
): Disposable {
  // Each look at the event loop wakes the process: by default half of all that a server with 30 targets does.
  collectDefaultMetrics({
    register: registry.underlying,
    eventLoopMonitoringPrecision: 100,
    eventLoopUtilizationTimeout: 1000,
  });
  declareGoMetrics(registry, files);
  const { info, goInfo } = registry.declare({
    info: gauge('thanos_build_info', 'Always 1: what was built, from what, for which runtime.', [
      'version',
      'revision',
      'branch',
      'goversion',
      'goos',
      'goarch',
      'tags',
    ]),
    goInfo: gauge('go_info', 'Always 1: the runtime, here Node.', ['version']),
  });
  info.set(
    {
      ...build,
      goversion: process.version,
      goos: process.platform,
      goarch: process.arch,
      tags: 'tsanos',
    },
    1,
  );
  goInfo.set({ version: process.version }, 1);
  return observeCollector(registry);
}

/**
 * The nearest thing that V8 has: the used heap with what hangs on it for allocated bytes, the whole heap for bytes in
 * use, libuv's active resources for goroutines. Bytes ever allocated are not counted by V8: the sum of all growth
 * between scrapes is a lower bound.
 */
function declareGoMetrics(registry: MetricRegistry, files: FileSystem): void {
  const allocated = (): number => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  let seen = 0;
  registry.declare({
    routines: sampledGauge('go_goroutines', 'Active resources of the event loop.', () => {
      return process.getActiveResourcesInfo().length;
    }),
    alloc: sampledGauge('go_memstats_alloc_bytes', 'Heap in use and what hangs on it.', allocated),
    allocTotal: sampledCounter(
      'go_memstats_alloc_bytes_total',
      'Growth of the heap so far.',
      () => {
        const before = seen;
        seen = allocated();
        return Math.max(0, seen - before);
      },
    ),
    heapAlloc: sampledGauge('go_memstats_heap_alloc_bytes', 'Heap in use.', () => {
      return getHeapStatistics().used_heap_size;
    }),
    heapInuse: sampledGauge('go_memstats_heap_inuse_bytes', 'Heap taken from the system.', () => {
      return getHeapStatistics().total_heap_size;
    }),
    heapSys: sampledGauge('go_memstats_heap_sys_bytes', 'Heap taken from the system.', () => {
      return getHeapStatistics().total_physical_size;
    }),
    sys: sampledGauge('go_memstats_sys_bytes', 'Memory of the process.', () =>
      process.memoryUsage.rss(),
    ),
    stack: sampledGauge('go_memstats_stack_inuse_bytes', 'Stack of the main thread.', () => {
      return stackBytes(files);
    }),
  });
}

/** VmStk of /proc/self/status; 0 where there is no such file. */
function stackBytes(files: FileSystem): number {
  if (files.stat('/proc/self/status') === undefined) return 0;
  const status = new TextDecoder().decode(files.readFile('/proc/self/status'));
  return Number(/^VmStk:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

function observeCollector(registry: MetricRegistry): Disposable {
  const pauses = new Summary({
    name: 'go_gc_duration_seconds',
    help: 'Pauses of the garbage collector.',
    percentiles: [0, 0.25, 0.5, 0.75, 1],
    maxAgeSeconds: 600,
    ageBuckets: 5,
    registers: [registry.underlying],
  });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) pauses.observe(entry.duration / 1000);
  });
  observer.observe({ entryTypes: ['gc'] });
  return { [Symbol.dispose]: () => observer.disconnect() };
}
