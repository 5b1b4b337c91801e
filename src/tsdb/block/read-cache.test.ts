import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import { ReadCache } from './read-cache.ts';

test('what is found is what was put last under the key, whatever made room', () => {
  const cache = new ReadCache(1000);
  const random = seededRandom(5);
  const put = new Map<number, string>();
  let found = 0;
  for (let i = 0; i < 20_000; i++) {
    const key = Math.floor(random.next() * 40);
    if (random.next() < 0.5) {
      const content = random.bytes(Math.floor(random.next() * 300));
      cache.put(key, content, 1);
      if (content.length <= 250) put.set(key, Buffer.from(content).toString('hex'));
    }
    const read = cache.get(key);
    if (read === undefined) continue;
    found++;
    const bytes = cache.bytes.subarray(read.at, read.at + read.length);
    assert.equal(Buffer.from(bytes).toString('hex'), put.get(key));
  }
  assert.ok(found > 2000, `${found} found`);
});
