/** Tracing of a command, as its `--tracing.config` or its configuration file has it. Library and sender are loaded only then. */
import { isDeepStrictEqual } from 'node:util';
import { silentTracer, type Tracer } from '../telemetry/tracer.ts';
import { parseTracingConfig, type TracingConfig } from '../transport/tracing-config.ts';
import type { CommandContext } from './command.ts';
import type { ContentSource } from './options.ts';
import { readContent } from './read-content.ts';

/** How long the last spans may take at the end. */
const CLOSE_MS = 5000;

/** The context with the tracer that is asked for, which ends with the command. Throws OperationError 'bad-data'. */
export async function startTracing(
  context: CommandContext,
  source: ContentSource | undefined,
): Promise<CommandContext> {
  if (source === undefined) return context;
  const { files, environment, resources } = context;
  const where = source.kind === 'inline' ? `--${source.flag}` : source.path;
  const config = parseTracingConfig(readContent(source, files, environment), where);
  const tracer = await openTracer(context, config);
  resources.defer(() => tracer.close());
  return { ...context, tracer };
}

type TracerParts = Pick<CommandContext, 'files' | 'clock' | 'logger'>;

/** A tracer whose configuration may change while it is in use. */
export class ReloadableTracer implements Tracer {
  readonly #parts: TracerParts;
  #config: TracingConfig | undefined;
  #current: Tracer = silentTracer;

  constructor(parts: TracerParts) {
    this.#parts = parts;
  }

  start(...given: Parameters<Tracer['start']>): ReturnType<Tracer['start']> {
    return this.#current.start(...given);
  }

  headers(): Readonly<Record<string, string>> {
    return this.#current.headers();
  }

  close(): Promise<void> {
    return this.#current.close();
  }

  /** Undefined: nothing is traced any more. Throws OperationError and stays as it is when TLS files cannot be used. */
  async apply(config: TracingConfig | undefined): Promise<void> {
    if (isDeepStrictEqual(config, this.#config)) return;
    const next = config === undefined ? silentTracer : await openTracer(this.#parts, config);
    const last = this.#current;
    this.#config = config;
    this.#current = next;
    await last.close();
  }
}

async function openTracer(
  { files, clock, logger }: TracerParts,
  { trace, collector }: TracingConfig,
): Promise<Tracer> {
  const { createOtlpTracer } = await import('../telemetry/otlp-tracer.ts');
  const { createTraceSender } = await import('../transport/trace-sender.ts');
  const end = new AbortController();
  const sender = createTraceSender({ settings: collector, files, clock, signal: end.signal });
  const tracer = createOtlpTracer({
    settings: trace,
    clock,
    send: (request) => sender.send(request),
    onLost: (spans, err) => logger.warn('spans are lost', { spans, err }),
  });
  logger.info('traces are sent', { endpoint: collector.endpoint, by: collector.clientType });
  return {
    ...tracer,
    async close() {
      const cancel = clock.after(CLOSE_MS, () => end.abort());
      await tracer.close();
      cancel();
      await sender[Symbol.asyncDispose]();
    },
  };
}
