import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Clock } from '../base/clock.ts';
import { realClock } from '../world/clock.ts';
import { createOtlpTracer, type TraceSettings } from './otlp-tracer.ts';
import { readSpans, type SentSpan } from './testing/otlp-spans.ts';
import { silentTracer, type Tracer, traced } from './tracer.ts';

const all: TraceSettings = {
  serviceName: 'tests',
  resourceAttributes: { zone: 'a' },
  sampledFraction: 1,
  followsParent: true,
};

interface Collected {
  readonly tracer: Tracer;
  readonly sent: SentSpan[];
  readonly batches: number[];
  readonly lost: string[];
  /** Runs what the clock was asked to call back. */
  tick(): void;
}

function collected(settings: Partial<TraceSettings> = {}, send = async () => {}): Collected {
  const sent: SentSpan[] = [];
  const batches: number[] = [];
  const lost: string[] = [];
  let due: (() => void)[] = [];
  const after: Clock['after'] = (_, callback) => {
    due.push(callback);
    return () => {
      due = due.filter((one) => one !== callback);
    };
  };
  const tracer = createOtlpTracer({
    settings: { ...all, ...settings },
    clock: { ...realClock, after },
    async send(request) {
      await send();
      const spans = readSpans(request);
      sent.push(...spans);
      batches.push(spans.length);
    },
    onLost: (count, cause) => lost.push(`${count} ${String(cause)}`),
  });
  const tick = (): void => {
    for (const callback of due.splice(0)) callback();
  };
  return { tracer, sent, batches, lost, tick };
}

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331';

test('spans nest through whatever is awaited', async () => {
  const { tracer, sent } = collected();
  await traced(tracer, 'outer', async (outer) => {
    outer.set('size', 7);
    await realClock.sleep(1);
    await Promise.all(['left', 'right'].map((name) => traced(tracer, name, async () => {})));
  });
  await tracer.close();
  const [left, right, outer] = sent;
  assert.deepEqual([left.name, right.name, outer.name], ['left', 'right', 'outer']);
  assert.deepEqual(
    [left.parentId, right.parentId, outer.parentId],
    [outer.spanId, outer.spanId, ''],
  );
  assert.deepEqual(new Set(sent.map(({ traceId }) => traceId)).size, 1);
  assert.deepEqual([outer.service, outer.attributes, outer.kind], ['tests', { size: '7' }, 1]);
});

test('the context of a caller is continued and handed on', async () => {
  const { tracer, sent } = collected();
  const carrier = { traceparent: `${PARENT}-01`, tracestate: 'a=b', baggage: 'k=v' };
  const span = tracer.start('served', { kind: 'server', carrier });
  const headers = span.run(() => tracer.headers());
  span.end();
  span.end();
  await tracer.close();
  assert.equal(sent.length, 1);
  assert.deepEqual([sent[0].parentId, sent[0].kind], [PARENT.slice(36, 52), 2]);
  assert.equal(headers.traceparent, `${PARENT.slice(0, 36)}${sent[0].spanId}-01`);
  assert.deepEqual([headers.tracestate, headers.baggage], ['a=b', 'k=v']);
  assert.deepEqual(tracer.headers(), {});
});

test('what is recorded follows the sampler, the caller, and force', async () => {
  const f = async (
    settings: Partial<TraceSettings>,
    options: Parameters<Tracer['start']>[1],
    want: boolean,
  ): Promise<void> => {
    const { tracer, sent } = collected(settings);
    const span = tracer.start('a', options);
    assert.equal(span.traceId !== undefined, want);
    span.end();
    await tracer.close();
    assert.equal(sent.length, want ? 1 : 0);
  };
  const never = { sampledFraction: 0 };
  const yes = { carrier: { traceparent: `${PARENT}-01` } };
  const no = { carrier: { traceparent: `${PARENT}-00` } };
  await f({}, {}, true);
  await f(never, {}, false);
  await f(never, { isForced: true }, true);
  await f(never, yes, true);
  await f({ ...never, followsParent: false }, yes, false);
  await f({}, no, false);
  await f({}, { ...no, isForced: true }, true);
  await f({}, { carrier: { traceparent: 'nonsense' } }, true);
});

test('failed work fails its span', async () => {
  const { tracer, sent } = collected();
  const work = traced(tracer, 'a', async () => {
    throw new Error('broken');
  });
  await assert.rejects(work, { message: 'broken' });
  await tracer.close();
  assert.equal(sent[0].failure, 'broken');
});

test('spans leave in batches, after a while, and are dropped where there is no room', async () => {
  const gate = Promise.withResolvers<void>();
  const { tracer, batches, lost, tick } = collected({}, () => gate.promise);
  const finish = (count: number): void => {
    for (let i = 0; i < count; i++) tracer.start('a').end();
  };
  finish(1);
  tick(); // one is on its way and waits at the gate
  finish(2048 + 3);
  gate.resolve();
  await tracer.close();
  assert.deepEqual(batches, [1, 512, 512, 512, 512]);
  assert.deepEqual(lost, ['3 too many spans are waiting to be sent']);
});

test('spans that cannot be sent are lost, and told', async () => {
  const { tracer, lost } = collected({}, () => Promise.reject(new Error('no way')));
  tracer.start('a').end();
  await tracer.close();
  assert.deepEqual(lost, ['1 Error: no way']);
});

test('without configuration work runs as it is', async () => {
  assert.equal(await traced(silentTracer, 'a', async () => 7), 7);
  assert.deepEqual(silentTracer.headers(), {});
});
