/** What every bucket has to do, provider or wrapper. One call declares the tests for one of them. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OperationError } from '../../base/errors.ts';
import { compareText } from '../../model/labels.ts';
import { type Bucket, type ListOptions, readObject, SLICE_BYTES } from '../bucket.ts';

export interface AcceptanceSubject {
  /** In the names of the tests. */
  readonly name: string;
  /** A bucket, or a part of one below a prefix of its own, in which nothing is. */
  open(): Promise<Bucket>;
  /** Names beyond the usual ones that it cannot hold. */
  readonly impossibleNames?: readonly string[];
  /** Above a page of its lists, if that is not 1,000. */
  readonly manyObjects?: number;
  /** An object above the size at which an upload goes by parts. */
  readonly largeBytes?: number;
  /** A skip text while its peer is not installed. */
  readonly skip?: string | false;
}

/** What other programs' objects are called, and what URLs, paths, XML and signatures stumble over. */
const ODD_NAMES: readonly string[] = [
  'dots/..hidden',
  'dots/...',
  'tilde~/under_score-minus.dot',
  'space in name/ leading and trailing ',
  'plus+and%20percent/%',
  'question?mark/and#hash',
  'amper&sand=equals;semi,comma',
  'quotes\'and"double',
  'brackets[]{}()<>|',
  'star*bang!dollar$at@caret^',
  'backslash\\colon:backtick`',
  'ümläut/日本語/한국어',
  'emoji-\u{1f600}/\u{10348}',
  'combining-e\u0301',
  `long/${'n'.repeat(200)}/${'m'.repeat(200)}`,
];
/** More than two pages of S3 and GCS, which give 1,000 entries. */
const MANY = 2203;

/** Registers the suite with node:test. */
export function acceptBucket(subject: AcceptanceSubject): void {
  const declare = (sentence: string, run: (bucket: Bucket) => Promise<void>): void => {
    test(`${subject.name}: ${sentence}`, { skip: subject.skip ?? false }, async () => {
      await using bucket = await subject.open();
      await run(bucket);
    });
  };
  declare('what was uploaded is read, whole and in ranges', readsBack);
  declare('an empty object is an object', keepsEmptyObjects);
  declare('an upload replaces what was there', replaces);
  declare('a deleted object is gone, and deleting it again is no error', deletes);
  declare('what is not there is not found, by every call', notFound);
  declare('lists come in order, with directories and sizes', listsDirectories);
  declare('a list has as many pages as it needs', (bucket) =>
    listsManyObjects(bucket, subject.manyObjects ?? MANY),
  );
  declare('a list can be left early', leavesLists);
  declare('odd names go through unchanged', (bucket) => keepsOddNames(bucket, subject));
  declare('calls run side by side', runsSideBySide);
  declare('a large object goes up in slices and comes back', (bucket) =>
    movesLargeObjects(bucket, subject.largeBytes ?? 9 * SLICE_BYTES + 5),
  );
  declare('a canceled call ends as canceled', cancels);
  declare('a canceled upload leaves the old object', cancelsUploads);
  declare('a source that fails leaves the old object', failsUploads);
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Bytes that are different everywhere, so that a slice in the wrong place is seen. */
export function patternBytes(offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const at = offset + i;
    bytes[i] = (at ^ (at >>> 8) ^ (at >>> 16) ^ (at >>> 24)) & 0xff;
  }
  return bytes;
}

export async function failureKind(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
  } catch (error) {
    return error instanceof OperationError ? error.kind : `no OperationError: ${String(error)}`;
  }
  return 'no failure';
}

export async function listNames(
  bucket: Bucket,
  directory: string,
  options: ListOptions = {},
): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of bucket.list(directory, options)) names.push(name);
  return names;
}

async function uploadAll(bucket: Bucket, names: readonly string[]): Promise<void> {
  const rest = [...names];
  const worker = async (): Promise<void> => {
    for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
      await bucket.upload(name, bytesOf(name));
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

async function readsBack(bucket: Bucket): Promise<void> {
  const bytes = bytesOf('0123456789');
  await bucket.upload('block/index', bytes);
  assert.deepEqual(await readObject(bucket, 'block/index'), bytes);
  assert.equal(await bucket.exists('block/index'), true);
  const f = async (offset: number, length: number, want: string): Promise<void> => {
    const got = await bucket.readRange('block/index', { offset, length });
    assert.equal(new TextDecoder().decode(got), want, `${length} bytes at ${offset}`);
    assert.equal(got.byteLength, got.buffer.byteLength, 'in memory of its own');
  };
  await f(0, 10, '0123456789');
  await f(0, 1, '0');
  await f(3, 4, '3456');
  await f(9, 1, '9');
  await f(8, 100, '89');
  await f(10, 1, '');
  await f(500, 5, '');
  await f(0, 1000, '0123456789');
  await f(4, 0, '');
}

async function keepsEmptyObjects(bucket: Bucket): Promise<void> {
  await bucket.upload('empty', new Uint8Array());
  assert.equal((await readObject(bucket, 'empty')).length, 0);
  assert.equal((await bucket.readRange('empty', { offset: 0, length: 7 })).length, 0);
  assert.equal((await bucket.attributes('empty')).sizeBytes, 0);
  assert.equal(await bucket.exists('empty'), true);
  assert.deepEqual(await listNames(bucket, ''), ['empty']);
}

async function replaces(bucket: Bucket): Promise<void> {
  await bucket.upload('a', bytesOf('a long first content'));
  const { sizeBytes, modifiedMs } = await bucket.attributes('a');
  assert.equal(sizeBytes, 20);
  await bucket.upload('a', bytesOf('short'));
  const now = await bucket.attributes('a');
  assert.equal(now.sizeBytes, 5);
  assert.ok(now.modifiedMs >= modifiedMs, `${now.modifiedMs} after ${modifiedMs}`);
  assert.equal(new TextDecoder().decode(await readObject(bucket, 'a')), 'short');
}

async function deletes(bucket: Bucket): Promise<void> {
  await uploadAll(bucket, ['b/c/d', 'b/e']);
  await bucket.delete('b/c/d');
  assert.equal(await bucket.exists('b/c/d'), false);
  assert.deepEqual(await listNames(bucket, 'b'), ['b/e']);
  await bucket.delete('b/c/d');
  await bucket.delete('b/c');
  await bucket.delete('b');
  assert.deepEqual(await listNames(bucket, ''), ['b/']);
  await bucket.delete('b/e');
  assert.deepEqual(await listNames(bucket, ''), []);
}

async function notFound(bucket: Bucket): Promise<void> {
  await bucket.upload('there/object', bytesOf('x'));
  for (const name of ['absent', 'there', 'there/other', 'absent/other', 'there/object/below']) {
    const kinds = await Promise.all([
      failureKind(() => readObject(bucket, name)),
      failureKind(() => bucket.readRange(name, { offset: 0, length: 1 })),
      failureKind(() => bucket.attributes(name)),
    ]);
    assert.deepEqual(kinds, ['not-found', 'not-found', 'not-found'], name);
    assert.equal(await bucket.exists(name), false, name);
  }
  await assert.rejects(bucket.attributes('absent'), ({ message }: Error) => {
    return message.includes('absent') && message.includes(bucket.name);
  });
  assert.deepEqual(await listNames(bucket, 'absent'), []);
  assert.deepEqual(await listNames(bucket, 'absent', { recursive: true }), []);
  assert.deepEqual(await listNames(bucket, 'there/object'), []);
}

async function listsDirectories(bucket: Bucket): Promise<void> {
  await uploadAll(bucket, ['a/b/c', 'a/b/d', 'a/e', 'a-b', 'a.b', 'ab/c', 'b', '~', 'é/x', 'A']);
  const f = async (directory: string, want: string, options: ListOptions = {}): Promise<void> => {
    const names = await listNames(bucket, directory, options);
    assert.equal(names.join(' '), want, `${directory} ${JSON.stringify(options)}`);
  };
  await f('', 'A a-b a.b a/ ab/ b ~ é/');
  await f('', 'A a-b a.b a/b/c a/b/d a/e ab/c b ~ é/x', { recursive: true });
  await f('a', 'a/b/ a/e');
  await f('a/', 'a/b/ a/e');
  await f('a', 'a/b/c a/b/d a/e', { recursive: true });
  await f('a/b', 'a/b/c a/b/d');
  await f('é', 'é/x');
  for await (const { name, sizeBytes, modifiedMs } of bucket.list('')) {
    if (name.endsWith('/')) assert.equal(sizeBytes, undefined);
    else assert.deepEqual({ sizeBytes, modifiedMs }, await bucket.attributes(name));
  }
}

async function listsManyObjects(bucket: Bucket, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, i) => `many/${i}/o`);
  await uploadAll(bucket, names);
  const inOrder = [...names].sort(compareText);
  const directories = names.map((name) => name.slice(0, -1)).sort(compareText);
  assert.deepEqual(await listNames(bucket, 'many', { recursive: true }), inOrder);
  assert.deepEqual(await listNames(bucket, 'many'), directories);
}

async function leavesLists(bucket: Bucket): Promise<void> {
  await uploadAll(bucket, ['x/1', 'x/2', 'x/3']);
  for await (const { name } of bucket.list('x')) {
    assert.equal(name, 'x/1');
    break;
  }
}

async function keepsOddNames(bucket: Bucket, subject: AcceptanceSubject): Promise<void> {
  const names = ODD_NAMES.filter((name) => !(subject.impossibleNames ?? []).includes(name));
  await uploadAll(bucket, names);
  for (const name of names) {
    assert.equal(new TextDecoder().decode(await readObject(bucket, name)), name);
    assert.equal(await bucket.exists(name), true, name);
    const [first] = await bucket.readRange(name, { offset: 0, length: 1 });
    assert.equal(first, bytesOf(name)[0], name);
    assert.equal((await bucket.attributes(name)).sizeBytes, bytesOf(name).length, name);
    const directory = name.slice(0, name.lastIndexOf('/') + 1);
    assert.ok((await listNames(bucket, directory)).includes(name), name);
  }
  const listed = await listNames(bucket, '', { recursive: true });
  assert.deepEqual(listed, [...names].sort(compareText));
  for (const name of names) await bucket.delete(name);
  assert.deepEqual(await listNames(bucket, ''), []);
}

async function runsSideBySide(bucket: Bucket): Promise<void> {
  const names = Array.from({ length: 40 }, (_, i) => `side/${i % 4}/${i}`);
  const turns = names.map(async (name) => {
    await bucket.upload(name, bytesOf(name));
    assert.equal(new TextDecoder().decode(await readObject(bucket, name)), name);
    await bucket.delete(name);
    assert.equal(await bucket.exists(name), false);
  });
  await Promise.all(turns);
  assert.deepEqual(await listNames(bucket, '', { recursive: true }), []);
}

async function movesLargeObjects(bucket: Bucket, sizeBytes: number): Promise<void> {
  let longest = 0;
  const read = (offset: number, length: number): Uint8Array => {
    longest = Math.max(longest, length);
    return patternBytes(offset, length);
  };
  await bucket.upload('large', { sizeBytes, read });
  assert.ok(longest <= SLICE_BYTES, `asked for ${longest} bytes at once`);
  assert.equal((await bucket.attributes('large')).sizeBytes, sizeBytes);
  let offset = 0;
  for await (const piece of bucket.read('large')) {
    assert.ok(Buffer.compare(piece, patternBytes(offset, piece.length)) === 0, `at ${offset}`);
    offset += piece.length;
  }
  assert.equal(offset, sizeBytes);
  const middle = { offset: (sizeBytes >> 1) - 3, length: 2 * SLICE_BYTES + 1 };
  const got = await bucket.readRange('large', middle);
  const want = patternBytes(middle.offset, middle.length);
  assert.ok(Buffer.compare(got, want) === 0, `${middle.length} bytes at ${middle.offset}`);
}

async function cancels(bucket: Bucket): Promise<void> {
  await bucket.upload('c', bytesOf('c'));
  const signal = AbortSignal.abort(new Error('no longer wanted'));
  const calls: readonly (() => Promise<unknown>)[] = [
    () => readObject(bucket, 'c', { signal }),
    () => bucket.readRange('c', { offset: 0, length: 1 }, { signal }),
    () => bucket.attributes('c', { signal }),
    () => bucket.exists('c', { signal }),
    () => listNames(bucket, '', { signal }),
    () => bucket.upload('c', bytesOf('d'), { signal }),
    () => bucket.delete('c', { signal }),
  ];
  for (const call of calls) assert.equal(await failureKind(call), 'canceled', call.toString());
  assert.equal(new TextDecoder().decode(await readObject(bucket, 'c')), 'c');
}

async function cancelsUploads(bucket: Bucket): Promise<void> {
  await bucket.upload('whole', bytesOf('old'));
  const canceling = new AbortController();
  const sizeBytes = 6 * SLICE_BYTES;
  const read = (offset: number, length: number): Uint8Array => {
    if (offset >= 3 * SLICE_BYTES) canceling.abort(new Error('enough'));
    return patternBytes(offset, length);
  };
  const { signal } = canceling;
  const kind = await failureKind(() => bucket.upload('whole', { sizeBytes, read }, { signal }));
  assert.equal(kind, 'canceled');
  assert.equal(new TextDecoder().decode(await readObject(bucket, 'whole')), 'old');
  assert.deepEqual(await listNames(bucket, '', { recursive: true }), ['whole']);
}

async function failsUploads(bucket: Bucket): Promise<void> {
  await bucket.upload('whole', bytesOf('old'));
  const sizeBytes = 3 * SLICE_BYTES;
  const read = (offset: number, length: number): Uint8Array => {
    if (offset > 0) throw new OperationError('corrupt', 'cannot read the source');
    return patternBytes(offset, length);
  };
  assert.equal(await failureKind(() => bucket.upload('whole', { sizeBytes, read })), 'corrupt');
  assert.equal(new TextDecoder().decode(await readObject(bucket, 'whole')), 'old');
  assert.deepEqual(await listNames(bucket, '', { recursive: true }), ['whole']);
}
