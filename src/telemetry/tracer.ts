/**
 * Spans of distributed traces, as far as the rest of the program knows of them. The work that runs in a span, and all that
 * it waits for, is found again by the asynchronous context. Without configuration nothing is traced and nothing is loaded.
 */
export interface Tracer {
  /** A part of the current span, or of the caller's that `carrier` names, or of nothing: then a trace begins here. */
  start(name: string, options?: SpanOptions): Span;
  /** Headers that make what another process is asked for a part of the current span. */
  headers(): Readonly<Record<string, string>>;
  /** Sends what is left. */
  close(): Promise<void>;
}

export interface SpanOptions {
  readonly kind?: 'server' | 'client' | 'internal';
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  /** Headers of a request, names in lower case: W3C trace context and baggage. */
  readonly carrier?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Recorded whatever the sampler says. */
  readonly isForced?: boolean;
}

export interface Span {
  /** 32 hexadecimal digits; undefined when the span is not recorded. */
  readonly traceId: string | undefined;
  set(name: string, value: string | number | boolean): void;
  /** Marks the span as failed. */
  fail(error: unknown): void;
  /** Once; later calls do nothing. */
  end(): void;
  /** Runs work in this span. */
  run<T>(work: () => T): T;
}

const silentSpan: Span = {
  traceId: undefined,
  set: () => undefined,
  fail: () => undefined,
  end: () => undefined,
  run: (work) => work(),
};

export const silentTracer: Tracer = {
  start: () => silentSpan,
  headers: () => ({}),
  close: async () => undefined,
};

/** Work in a span of its own, which fails when the work does. */
export async function traced<T>(
  tracer: Tracer,
  name: string,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = tracer.start(name);
  try {
    return await span.run(() => work(span));
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}
