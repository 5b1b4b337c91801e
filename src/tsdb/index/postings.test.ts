import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import { intersect, type Postings, PostingsLookup, subtract, unite } from './postings.ts';

const random = seededRandom(9);

/** Dense or sparse, short or long, perhaps empty, perhaps up to 2^32 − 1. */
function anyPostings(): Postings {
  const span = [8, 100, 5000, 4294967295][Math.floor(random.next() * 4)] as number;
  const count = Math.floor(random.next() ** 3 * 400);
  const set = new Set(Array.from({ length: count }, () => Math.floor(random.next() * span)));
  return Uint32Array.from(set).sort();
}

test('the algebra of postings is that of sets', () => {
  for (let i = 0; i < 1000; i++) {
    const lists = Array.from({ length: 1 + Math.floor(random.next() * 5) }, anyPostings);
    const [a = new Uint32Array(0), b = new Uint32Array(0)] = lists;
    const inB = new Set(b);
    assert.deepEqual(
      [...intersect(a, b)],
      [...a].filter((reference) => inB.has(reference)),
    );
    assert.deepEqual(
      [...subtract(a, b)],
      [...a].filter((reference) => !inB.has(reference)),
    );
    const all = new Set(lists.flatMap((list) => [...list]));
    assert.deepEqual(unite(lists), Uint32Array.from(all).sort());
    const lookup = new PostingsLookup(b);
    for (const reference of a) assert.equal(lookup.has(reference), inB.has(reference));
  }
});
