/** Traces by OpenTelemetry's library, as OTLP messages. Imported only where tracing is configured. */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type Span as LibrarySpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import { SpanQueue } from './span-queue.ts';
import type { Span, SpanOptions, Tracer } from './tracer.ts';

export interface TraceSettings {
  readonly serviceName: string;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  /** Fraction of the traces that begin here and are recorded, 0 to 1. */
  readonly sampledFraction: number;
  /** Whether a trace that began elsewhere is recorded when, and only when, it is recorded there. */
  readonly followsParent: boolean;
}

export interface OtlpTracerOptions {
  readonly settings: TraceSettings;
  readonly clock: Clock;
  /** An encoded ExportTraceServiceRequest. */
  readonly send: (request: Uint8Array) => Promise<void>;
  readonly onLost: (spanCount: number, cause: unknown) => void;
}

const FORCED = 'thanos.force_tracing';
const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
} as const;

const propagator = new CompositePropagator({
  propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
});

export function createOtlpTracer(options: OtlpTracerOptions): Tracer {
  const { settings, clock, send, onLost } = options;
  const { serviceName, resourceAttributes } = settings;
  const queue = new SpanQueue({
    clock,
    onLost,
    async send(spans) {
      const request = ProtobufTraceSerializer.serializeRequest([...spans]);
      if (request !== undefined) await send(request);
    },
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, ...resourceAttributes }),
    sampler: samplerOf(settings),
    spanProcessors: [queue],
  });
  const library = provider.getTracer('tsanos');
  const contexts = new AsyncLocalStorage<Context>();

  const start = (name: string, given: SpanOptions = {}): Span => {
    const { kind = 'internal', attributes = {}, carrier, isForced = false } = given;
    const current = contexts.getStore() ?? ROOT_CONTEXT;
    const parent = carrier === undefined ? current : extract(carrier);
    const span = library.startSpan(
      name,
      {
        kind: KINDS[kind],
        attributes: isForced ? { ...attributes, [FORCED]: 'true' } : attributes,
      },
      parent,
    );
    return spanOf(span, (work) => contexts.run(trace.setSpan(parent, span), work));
  };
  return {
    start,
    headers() {
      const current = contexts.getStore();
      const carrier: Record<string, string> = {};
      if (current !== undefined) {
        propagator.inject(current, carrier, {
          set: (into, key, value) => {
            into[key] = value;
          },
        });
      }
      return carrier;
    },
    close: () => provider.shutdown(),
  };
}

function extract(carrier: NonNullable<SpanOptions['carrier']>): Context {
  return propagator.extract(ROOT_CONTEXT, carrier, {
    keys: (from) => Object.keys(from),
    get: (from, key) => [from[key] ?? []].flat()[0],
  });
}

function spanOf(span: LibrarySpan, run: Span['run']): Span {
  let isEnded = false;
  return {
    traceId: span.isRecording() ? span.spanContext().traceId : undefined,
    set: (name, value) => void span.setAttribute(name, value),
    fail(error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: errorText(error) });
    },
    end() {
      if (!isEnded) span.end();
      isEnded = true;
    },
    run,
  };
}

function samplerOf({ sampledFraction, followsParent }: TraceSettings): Sampler {
  const root = fractionSampler(sampledFraction);
  const sampler = followsParent ? new ParentBasedSampler({ root }) : root;
  return {
    shouldSample(context, traceId, name, kind, attributes, links) {
      if (attributes[FORCED] === 'true') return { decision: SamplingDecision.RECORD_AND_SAMPLED };
      return sampler.shouldSample(context, traceId, name, kind, attributes, links);
    },
    toString: () => `Forced or ${sampler.toString()}`,
  };
}

function fractionSampler(fraction: number): Sampler {
  if (fraction >= 1) return new AlwaysOnSampler();
  if (fraction <= 0) return new AlwaysOffSampler();
  return new TraceIdRatioBasedSampler(fraction);
}
