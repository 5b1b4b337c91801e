import { strict as assert } from 'node:assert';
import { mock, test } from 'node:test';
import { askApi, askApiBytes, printParameters } from './api.ts';
import { ApiFailure } from './api-failure.ts';

interface Asked {
  readonly url: string;
  readonly init: RequestInit;
}

/** Answers every question of one test with the same. */
async function answering(
  answer: () => Response | Promise<Response>,
  use: (asked: readonly Asked[]) => Promise<void>,
): Promise<void> {
  const asked: Asked[] = [];
  const fetched = mock.method(globalThis, 'fetch', async (url: string, init: RequestInit) => {
    asked.push({ url, init });
    return answer();
  });
  try {
    await use(asked);
  } finally {
    fetched.mock.restore();
  }
}

function json(body: unknown, status = 200): () => Response {
  return () => new Response(JSON.stringify(body), { status });
}

function failure(kind: string, status: number, text = ''): (error: unknown) => boolean {
  return (error) => {
    assert(error instanceof ApiFailure);
    assert.deepEqual([error.kind, error.status, error.text], [kind, status, text]);
    return true;
  };
}

test('an answer comes with its warnings and infos', async () => {
  const body = { status: 'success', data: [1], warnings: ['w'] };
  await answering(json(body), async (asked) => {
    const answer = await askApi('/api/v1/labels', {
      start: 1,
      'match[]': ['a', 'b'],
      end: undefined,
    });
    assert.deepEqual(answer, { data: [1], warnings: ['w'], infos: [] });
    assert.equal(asked[0]?.url, '/api/v1/labels?start=1&match%5B%5D=a&match%5B%5D=b');
    assert.equal(asked[0]?.init.method, 'GET');
  });
});

test('a query too long for an address goes as a form', async () => {
  await answering(json({ status: 'success', data: 1 }), async (asked) => {
    await askApi('/api/v1/query', { query: 'x'.repeat(3000) });
    const [{ url, init } = { url: '', init: {} }] = asked;
    assert.deepEqual([url, init.method, String(init.body).length], ['/api/v1/query', 'POST', 3006]);
  });
});

test('what the API refuses keeps its kind, its text and the position in the query', async () => {
  const text = 'invalid parameter "query": 2:7: parse error: unexpected end of input';
  const body = { status: 'error', errorType: 'bad_data', error: text };
  await answering(json(body, 400), async () => {
    await assert.rejects(askApi('/api/v1/query'), (error) => {
      failure('bad_data', 400, text)(error);
      assert.deepEqual((error as ApiFailure).position, { line: 2, column: 7 });
      assert.equal((error as ApiFailure).isPassing, false);
      return true;
    });
    await assert.rejects(askApiBytes('/api/v1/query_range'), failure('bad_data', 400, text));
  });
});

test('what is not an answer of the API is told apart from no answer', async () => {
  const page = (): Response => new Response('<html>Bad gateway</html>', { status: 502 });
  await answering(page, async () => {
    await assert.rejects(askApi('/api/v1/query'), failure('proxy', 502));
  });
  const login = { headers: { 'content-type': 'text/html' } };
  await answering(
    () => new Response('<html>Log in</html>', login),
    async () => {
      await assert.rejects(askApiBytes('/api/v1/query_range'), failure('proxy', 200));
    },
  );
  await answering(json({ hello: 1 }), async () => {
    await assert.rejects(askApi('/api/v1/query'), failure('proxy', 200));
  });
  await answering(
    () => Promise.reject(new TypeError('fetch failed')),
    async () => {
      await assert.rejects(askApi('/api/v1/query'), failure('network', 0));
    },
  );
});

test('who gives up gets the reason and no failure of the network', async () => {
  const reason = new Error('no longer wanted');
  const gone = (): Promise<Response> => Promise.reject(new Error('aborted'));
  await answering(gone, async () => {
    const signal = AbortSignal.abort(reason);
    await assert.rejects(askApi('/api/v1/query', {}, { signal }), (error) => error === reason);
  });
});

test('parameters are printed as they are given', () => {
  assert.equal(printParameters({ a: true, b: 0, c: undefined, d: [] }), 'a=true&b=0');
});
