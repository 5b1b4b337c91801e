/** Tracing of a command, as its `--tracing.config` has it. The library is loaded only then. */
import { createTraceSender } from '../transport/trace-sender.ts';
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
  const { files, environment } = context;
  const where = source.kind === 'inline' ? `--${source.flag}` : source.path;
  return withTracer(context, parseTracingConfig(readContent(source, files, environment), where));
}

async function withTracer(
  context: CommandContext,
  { trace, collector }: TracingConfig,
): Promise<CommandContext> {
  const { files, clock, logger, resources } = context;
  const { createOtlpTracer } = await import('../telemetry/otlp-tracer.ts');
  const end = new AbortController();
  const sender = resources.use(
    createTraceSender({ settings: collector, files, clock, signal: end.signal }),
  );
  const tracer = createOtlpTracer({
    settings: trace,
    clock,
    send: (request) => sender.send(request),
    onLost: (spans, err) => logger.warn('spans are lost', { spans, err }),
  });
  resources.defer(async () => {
    const cancel = clock.after(CLOSE_MS, () => end.abort());
    await tracer.close();
    cancel();
  });
  logger.info('traces are sent', { endpoint: collector.endpoint, by: collector.clientType });
  return { ...context, tracer };
}
