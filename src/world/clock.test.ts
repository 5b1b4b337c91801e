import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realClock } from './clock.ts';

test('a delay that timers cannot hold is a long one', async () => {
  const end = new AbortController();
  const woken: string[] = [];
  const far = realClock.sleep(2 ** 31, end.signal).then(() => woken.push('slept'));
  const cancel = realClock.after(2 ** 31, () => woken.push('called'));
  await realClock.sleep(20);
  assert.deepEqual(woken, []);
  cancel();
  end.abort();
  await assert.rejects(far, { name: 'AbortError' });
});
