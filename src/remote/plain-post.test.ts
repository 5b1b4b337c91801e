import { strict as assert } from 'node:assert';
import { test } from 'node:test';
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
