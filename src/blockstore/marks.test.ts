import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import { MemoryBucket } from '../objstore/testing/memory-bucket.ts';
import { type BlockMark, encodeMark, markName, readMark } from './marks.ts';

const ULID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

test('marks are written as Thanos writes them, and read again', async () => {
  const f = async (mark: BlockMark, want: string): Promise<void> => {
    const bytes = encodeMark(mark);
    assert.equal(new TextDecoder().decode(bytes), want);
    const bucket = new MemoryBucket();
    assert.equal(await readMark(bucket, ULID, mark.kind), undefined);
    await bucket.upload(markName(ULID, mark.kind), bytes);
    assert.deepEqual(await readMark(bucket, ULID, mark.kind), mark);
  };
  await f(
    {
      kind: 'deletion',
      ulid: ULID,
      timeMs: 5000,
      details: 'source of compacted block',
      reason: '',
    },
    `{"id":"${ULID}","version":1,"details":"source of compacted block","deletion_time":5}`,
  );
  await f(
    { kind: 'no-compact', ulid: ULID, timeMs: 5000, details: '', reason: 'manual' },
    `{"id":"${ULID}","version":1,"no_compact_time":5,"reason":"manual"}`,
  );
  await f(
    { kind: 'no-downsample', ulid: ULID, timeMs: 5000, details: '', reason: 'manual' },
    `{"id":"${ULID}","version":1,"no_downsample_time":5,"reason":"manual"}`,
  );
});

test('a mark that cannot be read is not taken for none', async () => {
  for (const text of [
    '',
    '{',
    '[]',
    '{"id":"x","version":2}',
    '{"id":"x","version":1,"deletion_time":"5"}',
  ]) {
    const bucket = new MemoryBucket();
    await bucket.upload(markName(ULID, 'deletion'), new TextEncoder().encode(text));
    await assert.rejects(
      () => readMark(bucket, ULID, 'deletion'),
      (error) => error instanceof OperationError && error.kind === 'corrupt',
      text,
    );
  }
});
