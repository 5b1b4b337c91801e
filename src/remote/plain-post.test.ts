import { strict as assert } from 'node:assert';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { listen } from '../transport/testing/http.ts';
import { realClock } from '../world/clock.ts';
import { plainPost } from './plain-post.ts';

const post = plainPost({ clock: realClock, dialTimeoutMs: 5000 });

function failure(url: string): Promise<Error> {
  const { promise, resolve, reject } = Promise.withResolvers<Error>();
  post(
    { url: new URL(url), headers: {}, body: new Uint8Array(1) },
    {
      head: () => undefined,
      data: () => true,
      end: () => reject(new Error('it was answered')),
      fail: resolve,
    },
  );
  return promise;
}

test('a failure names the address without the password in it', async () => {
  const { message } = await failure('http://user:secret@127.0.0.1:1/api/v1/read');
  assert.match(message, /^cannot read from http:\/\/127\.0\.0\.1:1\/api\/v1\/read: /);
});

test('a header that cannot be sent opens no connection', async () => {
  let connections = 0;
  await using server = await listen(createServer(() => connections++) as never);
  const headers = { authorization: 'a\nb' };
  const request = { url: new URL(server.url), headers, body: new Uint8Array(1) };
  const never = (): never => assert.fail('the sink hears something');
  const sink = { head: never, data: never, end: never, fail: never };
  assert.throws(() => post(request, sink), { kind: 'bad-data' });
  for (let i = 0; i < 50; i++) await new Promise(setImmediate);
  assert.equal(connections, 0);
});
