import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import { LabelValuesResponseSchema } from './gen/thanos/store_pb.ts';
import { encodeMessage } from './message.ts';
import { decodeTextList } from './text-list.ts';

const lists = {
  values: ['', 'a', 'µ', 'x'.repeat(300), '\u{1f600}'],
  warnings: ['one store is away'],
};
const encoded = encodeMessage(LabelValuesResponseSchema, {
  ...lists,
  hints: { typeUrl: 'any', value: new Uint8Array(3) },
});

test('texts and warnings are what was encoded', () => {
  assert.deepEqual(decodeTextList('list', encoded), lists);
  assert.deepEqual(decodeTextList('list', new Uint8Array(0)), { values: [], warnings: [] });
  // Its buffer may hold other things, too.
  const inside = Buffer.concat([Buffer.from('before'), encoded, Buffer.from('behind')]);
  assert.deepEqual(decodeTextList('list', inside.subarray(6, 6 + encoded.length)), lists);
});

test('a list that is cut off is refused or shorter', () => {
  for (let length = 0; length < encoded.length; length++) {
    try {
      const { values } = decodeTextList('list', encoded.subarray(0, length));
      assert.deepEqual(values, lists.values.slice(0, values.length));
    } catch (error) {
      assert.ok(error instanceof OperationError && error.kind === 'corrupt', String(error));
    }
  }
});
