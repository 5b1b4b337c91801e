import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { crc32c } from '@node-rs/crc32';
import { type Random, seededRandom } from '../../base/random.ts';
import { testKernel } from '../../base/testing/kernel.ts';
import { allocChunkTable, decodeChunks, setChunkRow } from '../../chunk/columns.ts';
import { XOR } from '../../chunk/encoding.ts';
import { type Labels, labelsOf } from '../../model/labels.ts';
import { HeadMemory, OUTCOMES, type Outcome } from './head-memory.ts';

type Sample = readonly [time: number, bits: string];

/** A head whose written chunks are kept, beside what should be in it. */
class Bench {
  readonly written = new Map<number, Sample[]>();
  readonly head: HeadMemory;
  readonly #kernel;
  readonly #decoding = testKernel();

  constructor(limitBytes: number = 1 << 28) {
    this.#kernel = testKernel(limitBytes);
    this.head = new HeadMemory({ kernel: this.#kernel, write: (bytes) => this.#take(bytes) });
  }

  /** Appends one sample a slot; values are doubles. */
  append(samples: readonly (readonly [slot: number, time: number, value: number])[]): Outcome[] {
    const { slots, times, values, outcomes } = this.head.batch;
    samples.forEach(([slot, time, value], i) => {
      this.#kernel.u32[(slots >>> 2) + i] = slot;
      this.#kernel.f64[(times >>> 3) + i] = time;
      this.#kernel.f64[(values >>> 3) + i] = value;
    });
    this.head.append(samples.length);
    const column = this.#kernel.u8.subarray(outcomes, outcomes + samples.length);
    return Array.from(column, (outcome) => OUTCOMES[outcome] ?? assert.fail(String(outcome)));
  }

  /** All samples of a series: those written, then those in its open chunk. */
  samples(slot: number): Sample[] {
    this.head.flush();
    const [open] = [...this.head.openChunks([slot])];
    assert.equal(open?.slot, slot);
    const written = this.written.get(this.head.ref(slot)) ?? [];
    return [...written, ...(open.data.length === 0 ? [] : this.#decode(open.data))];
  }

  #take(entries: Uint8Array): void {
    const bytes = Buffer.from(entries);
    for (let at = 0; at < bytes.length; ) {
      const ref = Number(bytes.readBigUInt64BE(at));
      let end = at + 25;
      let length = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[end++] ?? 0;
        length |= (byte & 127) << shift;
        if (byte < 128) break;
      }
      const samples = this.#decode(bytes.subarray(end, end + length));
      assert.equal(samples.length <= 120, true);
      assert.equal(Number(bytes.readBigInt64BE(at + 8)), samples[0]?.[0], 'min time');
      assert.equal(Number(bytes.readBigInt64BE(at + 16)), samples.at(-1)?.[0], 'max time');
      assert.equal(bytes[at + 24], XOR);
      const crc = bytes.readUInt32BE(end + length);
      assert.equal(crc, crc32c(bytes.subarray(at, end + length)), 'checksum');
      this.written.set(ref, [...(this.written.get(ref) ?? []), ...samples]);
      at = end + length + 4;
    }
  }

  /** By the decoder of blocks. */
  #decode(data: Uint8Array): Sample[] {
    const kernel = this.#decoding;
    const mark = kernel.arena.mark();
    const table = allocChunkTable(kernel, 1);
    const address = kernel.arena.alloc(data.length);
    kernel.u8.set(data, address);
    setChunkRow(kernel, table, 0, { address, length: data.length, encoding: XOR });
    const columns = decodeChunks(kernel, { table, count: 1, describe: String });
    const samples = Array.from({ length: columns.count }, (_, i): Sample => {
      const time = kernel.f64[(columns.times >>> 3) + i] ?? 0;
      return [time, bitsAt(kernel.u32, (columns.values >>> 2) + 2 * i)];
    });
    kernel.arena.release(mark);
    return samples;
  }
}

function bitsAt(words: Uint32Array, index: number): string {
  return `${words[index + 1]?.toString(16)}:${words[index]?.toString(16)}`;
}

function bitsOf(value: number): string {
  return bitsAt(new Uint32Array(new Float64Array([value]).buffer), 0);
}

const series = (i: number): Labels =>
  labelsOf({ __name__: `metric_${i % 5}`, instance: `i${i}`, job: `job${i % 3}`, unit: 'é' });

/** Values and gaps that reach every form of the encoding. */
function nextSample(random: Random, [time, value]: readonly [number, number]): [number, number] {
  const kind = Math.floor(random.next() * 10);
  const jitter = [0, 1, 9000, 70_000, 600_000, 1e9, 5e9][Math.floor(random.next() * 7)] ?? 0;
  const gap = kind < 6 ? 15_000 : 1 + Math.floor(random.next() * jitter);
  const values = [value, value + 1, random.next(), Number.NaN, -0, Infinity, 5e-324, value * 1.5];
  return [time + gap, values[Math.floor(random.next() * values.length)] ?? 0];
}

test('what is appended is read again, from written and from open chunks', () => {
  const bench = new Bench();
  const random = seededRandom(1);
  const slots = Array.from({ length: 40 }, (_, i) => bench.head.findOrCreate(series(i)));
  const last = slots.map((): [number, number] => [1_700_000_000_000, 1]);
  const want: Sample[][] = slots.map(() => []);
  for (let round = 0; round < 700; round++) {
    const batch = slots.map((slot, i) => {
      const [time, value] = (last[i] = nextSample(random, last[i] ?? [0, 0]));
      want[i]?.push([time, bitsOf(value)]);
      return [slot, time, value] as const;
    });
    assert.ok(bench.append(batch).every((outcome) => outcome === 'appended'));
  }
  slots.forEach((slot, i) => {
    assert.deepEqual(bench.samples(slot), want[i], `series ${i}`);
  });
});

test('times before 1970 and a long silence are kept, no time is refused', () => {
  const bench = new Bench();
  const slot = bench.head.findOrCreate(series(0));
  const times = [-(2 ** 53), -5, -4, 0, 2 ** 31, 2 ** 33, 2 ** 40, 2 ** 40 + 1];
  for (const time of times) assert.deepEqual(bench.append([[slot, time, 1]]), ['appended']);
  for (const time of [Number.NaN, Infinity, 2 ** 54]) {
    assert.deepEqual(bench.append([[slot, time, 1]]), ['bad-time']);
  }
  assert.deepEqual(
    bench.samples(slot).map(([time]) => time),
    times,
  );
});

test('samples out of order and duplicates are told apart', () => {
  const bench = new Bench();
  const slot = bench.head.findOrCreate(series(0));
  const f = (time: number, value: number, want: Outcome): void =>
    assert.deepEqual(bench.append([[slot, time, value]]), [want]);
  f(1000, 1, 'appended');
  f(1000, 1, 'same');
  f(1000, 2, 'duplicate');
  f(999, 1, 'too-old');
  f(1001, Number.NaN, 'appended');
  f(1001, Number.NaN, 'same');
  assert.deepEqual(bench.append([[slot + 1, 2000, 1]]), ['no-series']);
  assert.equal(bench.samples(slot).length, 2);
});

test('series are found by their labels, and listed by one of them', () => {
  const { head } = new Bench();
  const slots = Array.from({ length: 5000 }, (_, i) => head.findOrCreate(series(i)));
  assert.equal(new Set(slots).size, 5000);
  assert.equal(head.liveSeries, 5000);
  slots.forEach((slot, i) => {
    assert.equal(head.find(series(i)), slot);
    assert.equal(head.findOrCreate(series(i)), slot);
  });
  assert.deepEqual(head.labels(slots[77] ?? 0), series(77));
  assert.equal(head.find(series(5000)), undefined);
  assert.equal(head.find(series(1).slice(0, 6)), undefined);
  const listed = head.series('job', 'job1').map((slot) => head.labels(slot)?.[3]);
  assert.deepEqual(listed.length, 1667);
  assert.ok(listed.every((instance) => Number(instance?.slice(1)) % 3 === 1));
  assert.deepEqual(head.series('job', 'none'), []);
});

test('dead series leave, their memory serves the next ones', () => {
  const bench = new Bench();
  const { head } = bench;
  let alive: number[] = [];
  const sizes: number[] = [];
  for (let generation = 0; generation < 12; generation++) {
    const slots = Array.from({ length: 300 }, (_, i) =>
      head.findOrCreate(labelsOf({ __name__: 'up', i: String(i), g: String(generation) })),
    );
    for (let i = 0; i < 130; i++) {
      bench.append(slots.map((slot) => [slot, generation * 1e6 + i * 1000, i / 7] as const));
    }
    head.kill(alive);
    while (!head.sweep(500));
    assert.equal(head.liveSeries, 300);
    assert.deepEqual(head.series('__name__', 'up').length, 300);
    assert.equal(head.series('g', String(generation)).length, 300);
    assert.deepEqual(head.series('g', String(generation - 1)), []);
    for (const slot of alive.slice(0, 5)) {
      assert.equal(slots.includes(slot) || head.labels(slot) === undefined, true);
    }
    assert.equal(bench.samples(slots[3] ?? 0).length, 130);
    alive = slots;
    sizes.push(head.usedBytes);
  }
  // Each of the two hash tables gets a second buffer once, when removed entries fill the first one.
  const growth = (sizes[11] ?? 0) - (sizes[1] ?? 0);
  assert.ok(growth <= 2 * 32_768, `used bytes ${sizes.join(' ')}`);
  assert.equal(
    [...bench.written.values()].filter(({ length }) => length === 130).length >= 3300,
    true,
  );
});

test('series that die while lists are swept are taken by the next sweep', () => {
  const { head } = new Bench();
  const slots = Array.from({ length: 600 }, (_, i) => head.findOrCreate(series(i)));
  head.kill(slots.slice(0, 200));
  assert.equal(head.sweep(50), false);
  head.kill(slots.slice(200, 400));
  const late = head.findOrCreate(series(1000));
  while (!head.sweep(50));
  const reused = Array.from({ length: 150 }, (_, i) => head.findOrCreate(series(2000 + i)));
  assert.ok(reused.every((slot) => !slots.slice(200, 400).includes(slot)));
  while (!head.sweep(50));
  const want = [...slots.slice(400), late, ...reused].sort((a, b) => a - b);
  assert.deepEqual(head.series('unit', 'é'), want);
});

test('a head at its limit says so, loses nothing and goes on when there is room', () => {
  const bench = new Bench(12 << 20);
  const { head } = bench;
  const slots: number[] = [];
  assert.throws(
    () => {
      for (let i = 0; i < 100_000; i++) slots.push(head.findOrCreate(series(i)));
    },
    { kind: 'limit', message: /^cannot add a series to the head of \d+ series in \d+ bytes: / },
  );
  assert.ok(slots.length > 1000 && head.liveSeries === slots.length);
  assert.equal(head.find(series(5)), slots[5]);
  let rounds = 0;
  assert.throws(
    () => {
      for (; rounds < 100_000; rounds++) {
        bench.append(
          slots.slice(0, 3000).map((slot) => [slot, rounds * 977, Math.sin(rounds * slot)]),
        );
      }
    },
    { kind: 'limit', message: /^cannot append \d+ of 3000 samples to the head/ },
  );
  assert.ok(bench.samples(slots[0] ?? 0).length >= rounds);
  head.kill(slots.slice(1000));
  while (!head.sweep(1000));
  assert.deepEqual(bench.append([[slots[0] ?? 0, 1e9, 1]]), ['appended']);
});

test('labels that no head takes are refused', () => {
  const { head } = new Bench();
  assert.throws(() => head.findOrCreate([]), { kind: 'bad-data' });
  assert.throws(() => head.findOrCreate(['a', 'x'.repeat(9000)]), /over 8 KiB/);
  assert.throws(() => head.findOrCreate(['a', 'x'.repeat(70_000)]), /70000 characters/);
  const many = Array.from({ length: 600 }, (_, i) => String(i));
  assert.throws(() => head.findOrCreate(many), /over 255/);
  assert.equal(head.liveSeries, 0);
});
