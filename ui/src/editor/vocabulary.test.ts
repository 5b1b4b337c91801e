import { strict as assert } from 'node:assert';
import { mock, test } from 'node:test';
import { QueryClient } from '@tanstack/react-query';
import { parseMetricSelector } from '../../../src/promql/parse/parse-expr.ts';
import { escapedLabel, helpIn, selectorWith, Vocabulary } from './vocabulary.ts';

/** Answers every request, and tells which there were. */
async function asking(
  answer: (url: URL) => unknown,
  use: (vocabulary: Vocabulary, asked: readonly URL[]) => Promise<void>,
): Promise<void> {
  const asked: URL[] = [];
  const fetched = mock.method(globalThis, 'fetch', async (path: string) => {
    const url = new URL(path, 'http://server');
    asked.push(url);
    return new Response(JSON.stringify({ status: 'success', ...(answer(url) as object) }));
  });
  const client = new QueryClient({ defaultOptions: { queries: { gcTime: 0 } } });
  try {
    const scope = { startMs: 1_700_000_123_000, endMs: 1_700_003_723_000, parameters: {} };
    await use(new Vocabulary(client, scope), asked);
  } finally {
    fetched.mock.restore();
    client.clear();
  }
}

test('names are asked for once, over a range that is widened to ten minutes', async () => {
  await asking(
    () => ({ data: ['a', 'b'] }),
    async (vocabulary, asked) => {
      await vocabulary.metrics('a');
      const { index } = await vocabulary.metrics('ab');
      assert.deepEqual(index.names, ['a', 'b']);
      assert.equal(asked.length, 1);
      assert.equal(asked[0]?.searchParams.get('start'), '1699999800');
      assert.equal(asked[0]?.searchParams.get('end'), '1700004000');
    },
  );
});

test('a list that was cut is asked for again by what was typed', async () => {
  const whole = { data: ['a'], warnings: ['results truncated due to limit'] };
  await asking(
    (url) => (url.searchParams.has('match[]') ? { data: ['xy1', 'xy2'] } : whole),
    async (vocabulary, asked) => {
      assert.deepEqual((await vocabulary.values('pod', undefined, 'x')).index.names, ['a']);
      assert.deepEqual((await vocabulary.values('pod', undefined, 'xy')).index.names, [
        'xy1',
        'xy2',
      ]);
      assert.equal(asked.at(-1)?.searchParams.get('match[]'), '{pod=~"(?i:.*xy.*)"}');
    },
  );
});

test('a condition more is a selector still', () => {
  const added = (selector: string | undefined, want: string) => {
    assert.equal(selectorWith(selector, 'a', 'x.y'), want);
    assert.ok(parseMetricSelector(want).length > 0);
  };
  added(undefined, '{a=~"(?i:.*x\\\\.y.*)"}');
  added('up', 'up{a=~"(?i:.*x\\\\.y.*)"}');
  added('up{}', 'up{a=~"(?i:.*x\\\\.y.*)"}');
  added('up{b="c"}', 'up{b="c",a=~"(?i:.*x\\\\.y.*)"}');
});

test('series of a family have its help, and count', () => {
  const family = { type: 'histogram', help: 'How long.', unit: 's' };
  const metadata = { latency: [family], jobs: [{ type: 'counter', help: 'Jobs.', unit: '' }] };
  assert.deepEqual(helpIn(metadata, 'latency'), family);
  assert.deepEqual(helpIn(metadata, 'latency_bucket'), { ...family, type: 'counter' });
  assert.equal(helpIn(metadata, 'jobs_total')?.help, 'Jobs.');
  assert.equal(helpIn(metadata, 'other'), undefined);
});

test('label names of other alphabets are escaped as Prometheus does', () => {
  assert.equal(escapedLabel('job_name'), 'job_name');
  assert.equal(escapedLabel('http.code'), 'U__http_2e_code');
  assert.equal(escapedLabel('a_b.c'), 'U__a__b_2e_c');
});
