import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { seededRandom } from '../base/random.ts';
import { testKernel } from '../base/testing/kernel.ts';
import { compareLabels } from '../model/labels.ts';
import { printLabels } from '../model/labels-text.ts';
import type { Matcher } from '../model/matcher.ts';
import type { QueryView } from '../storage/query-view.ts';
import type { SelectRequest, SeriesSet } from '../storage/queryable.ts';
import { readAccount } from '../storage/read-account.ts';
import { penaltyOracle } from '../storage/testing/dedup-oracle.ts';
import { realClock } from '../world/clock.ts';
import { answerProxyCall, openProxy, workerQueryable } from './proxy-queryable.ts';
import { StoreProxy } from './store-proxy.ts';
import type { Behaviour, FakeStore } from './testing/fake-store.ts';
import { fakeSeries, fakeStore } from './testing/fake-store.ts';

const kernel = testKernel();
const all: Matcher = { type: '=~', name: '__name__', value: '.+' };
const forever = { signal: new AbortController().signal };

function view(change: Partial<QueryView> = {}): QueryView {
  return {
    deduplicate: true,
    replicaLabels: ['replica'],
    partialResponse: true,
    storeMatchers: [],
    maxSourceResolutionMs: 0,
    ...change,
  };
}

function request(change: Partial<SelectRequest> = {}): SelectRequest {
  const hints = { stepMs: 0, rangeMs: 0, func: '', grouping: [], by: false, limit: 0 };
  return { matchers: [all], minTime: 0, maxTime: 1e15, hints, ...change };
}

function proxyOf(stores: readonly FakeStore[], responseTimeoutMs: number = 0): StoreProxy {
  const limits = { responseTimeoutMs, answerMaxBytes: 1 << 20 };
  return new StoreProxy({ stores: () => stores, clock: realClock, limits });
}

/** Each series as "labels time:value …", then the warnings. */
function printed(set: SeriesSet): { readonly series: string[]; readonly warnings: string[] } {
  const series: string[] = [];
  while (set.next()) {
    const mark = kernel.arena.mark();
    const { times, values, count } = set.read(kernel);
    const samples = Array.from(
      { length: count },
      (_, i) => `${kernel.f64[(times >>> 3) + i]}:${kernel.f64[(values >>> 3) + i]}`,
    );
    kernel.arena.release(mark);
    series.push([printLabels(set.labels), ...samples].join(' '));
  }
  return { series, warnings: [...set.warnings] };
}

async function select(
  stores: readonly FakeStore[],
  options: {
    readonly view?: QueryView;
    readonly request?: SelectRequest;
    readonly timeoutMs?: number;
  } = {},
): Promise<{ readonly series: string[]; readonly warnings: string[] }> {
  const queryable = openProxy(
    proxyOf(stores, options.timeoutMs),
    'penalty',
  )(options.view ?? view());
  return printed(await queryable.select(options.request ?? request(), forever));
}

const up = (job: string, replica: string) => ['__name__', 'up', 'job', job, 'replica', replica];

test('replicas of several stores become one series, in order of their labels', async () => {
  const a = fakeStore({
    address: 'a:1',
    series: [
      fakeSeries(
        up('x', 'A'),
        [
          [1000, 1],
          [2000, 2],
        ],
        [[3000, 3]],
      ),
      fakeSeries(up('z', 'A'), [[1000, 9]]),
    ],
  });
  const b = fakeStore({
    address: 'b:1',
    series: [
      fakeSeries(up('x', 'B'), [
        [1500, 10],
        [2500, 20],
      ]),
      fakeSeries(up('y', 'B'), [[1000, 7]]),
    ],
  });
  assert.deepEqual(await select([a, b]), {
    series: [
      '{__name__="up", job="x"} 1000:1 2000:2 3000:3',
      '{__name__="up", job="y"} 1000:7',
      '{__name__="up", job="z"} 1000:9',
    ],
    warnings: [],
  });
  assert.deepEqual(a.requests[0]?.withoutReplicaLabels, ['replica']);
});

test('it is written down what each store sent, and what was read of it', async () => {
  const one = fakeSeries(
    up('x', 'A'),
    [
      [1000, 1],
      [2000, 2],
    ],
    [[3000, 3]],
  );
  const a = fakeStore({ address: 'a:1', series: [one] });
  const b = fakeStore({ address: 'b:1', series: [], behaviour: 'fails' });
  const account = readAccount();
  const queryable = openProxy(proxyOf([a, b]), 'penalty')(view());
  printed(await queryable.select(request(), { ...forever, account }));
  const [first, second] = account.endpoints;
  assert.deepEqual(
    [first?.address, first?.series, first?.chunks, first?.samples, first?.responses],
    ['a:1', 1, 2, 3, 1],
  );
  assert.equal(first?.failure, undefined);
  assert.deepEqual([second?.address, second?.series], ['b:1', 0]);
  assert.match(second?.failure ?? '', /^receive series from Addr: b:1 /);
  assert.equal(account.chunks, 2);
});

test('a store that keeps replica labels has them removed and its series put in order', async () => {
  const series = ['A', 'B'].flatMap((replica) => [
    fakeSeries(
      ['__name__', 'up', 'a', '1', 'replica', replica, 'z', replica === 'A' ? '2' : '1'],
      [[1000, 1]],
    ),
    fakeSeries(['__name__', 'up', 'a', '1', 'replica', replica, 'z', '3'], [[1000, 4]]),
  ]);
  const old = fakeStore({ address: 'old:1', series, supportsWithoutReplicaLabels: false });
  const other = fakeStore({
    address: 'new:1',
    series: [fakeSeries(['__name__', 'up', 'a', '1', 'z', '2'], [[1000, 1]])],
  });
  const { series: got, warnings } = await select([old, other]);
  assert.deepEqual(got, [
    '{__name__="up", a="1", z="1"} 1000:1',
    '{__name__="up", a="1", z="2"} 1000:1',
    '{__name__="up", a="1", z="3"} 1000:4',
  ]);
  assert.deepEqual(warnings, []);
});

test('without deduplication replicas stay apart and doubled chunks are read once', async () => {
  const shared = fakeSeries(up('x', 'A'), [
    [1000, 1],
    [2000, 2],
  ]);
  const later = fakeSeries(up('x', 'A'), [
    [2000, 5],
    [3000, 3],
  ]);
  const stores = [
    fakeStore({ address: 'a:1', series: [shared] }),
    fakeStore({ address: 'b:1', series: [shared, later, fakeSeries(up('x', 'B'), [[1500, 4]])] }),
  ];
  const { series } = await select(stores, { view: view({ deduplicate: false }) });
  assert.deepEqual(series, [
    '{__name__="up", job="x", replica="A"} 1000:1 2000:2 3000:3',
    '{__name__="up", job="x", replica="B"} 1500:4',
  ]);
  assert.deepEqual(stores[0]?.requests[0]?.withoutReplicaLabels, []);
});

test('deduplication of chunks equals that of plain samples', async () => {
  const random = seededRandom(5);
  for (let run = 0; run < 50; run++) {
    const isCounter = run % 2 === 0;
    const replicas = ['A', 'B', 'C'].slice(0, 1 + (run % 3)).map((replica, i) => {
      const samples: [number, number][] = [];
      let time = 1e12 + i * 5000;
      for (let n = 0; n < 60; n++) {
        time += random.next() < 0.1 ? 200_000 : 15_000;
        samples.push([time, Math.floor(random.next() * 100)]);
      }
      // The whole time in one chunk: replicas are then told apart as they were sent.
      return { replica, samples };
    });
    replicas.sort((a, b) => (a.samples[0]?.[0] ?? 0) - (b.samples[0]?.[0] ?? 0));
    const stores = replicas.map(({ replica, samples }) =>
      fakeStore({ address: `${replica}:1`, series: [fakeSeries(up('x', replica), samples)] }),
    );
    const hints = { ...request().hints, func: isCounter ? 'rate' : 'avg_over_time' };
    // Replicas are folded from the first sample that the whole query asks for, not from the first that was sent.
    const minTime = replicas.length === 1 || run % 5 === 0 ? 0 : 1e12 + 100_000 + run;
    const maxTime = minTime === 0 ? 1e15 : minTime + 400_000;
    const asked =
      run % 3 === 0
        ? request({ hints, minTime, maxTime })
        : request({ hints, minTime: 1, maxTime: 2, whole: { minTime, maxTime } });
    const { series } = await select(stores, { request: asked });
    const lists = replicas.map(({ samples }) =>
      (isCounter && replicas.length > 1 ? withoutResets(samples) : samples)
        .map(([time, value]) => ({ time, value }))
        .filter(({ time }) => time >= minTime && time <= maxTime),
    );
    const want = penaltyOracle(lists, isCounter).map(({ time, value }) => `${time}:${value}`);
    assert.deepEqual(series, [`{__name__="up", job="x"} ${want.join(' ')}`]);
  }
});

/** Each value with what all resets before it have lost. */
function withoutResets(samples: readonly [number, number][]): [number, number][] {
  return samples.map(([time, value], i) => {
    const before = samples.slice(0, i + 1).map(([, one]) => one);
    const lost = before.reduce((sum, one, k) => {
      const last = before[k - 1] ?? one;
      return one < last ? sum + last : sum;
    }, 0);
    return [time, value + lost];
  });
}

const good = (address: string): FakeStore =>
  fakeStore({
    address,
    series: [
      fakeSeries(up('x', 'A'), [[1000, 1]]),
      fakeSeries(up('y', 'A'), [[1000, 2]]),
      fakeSeries(up('z', 'A'), [[1000, 3]]),
    ],
  });

const bad: readonly (readonly [Behaviour, RegExp])[] = [
  [
    'hangs',
    /^failed to receive any data in 30ms from Addr: bad:1 MinTime: 0 MaxTime: 9000: context canceled$/,
  ],
  ['stalls', /^failed to receive any data in 30ms from Addr: bad:1 MinTime: 0 MaxTime: 9000: /],
  ['fails', /^receive series from Addr: bad:1 MinTime: 0 MaxTime: 9000: connection refused$/],
  ['failsLate', /^receive series from Addr: bad:1 .*: a block is torn$/],
  ['warns', /^one block is missing$/],
  [
    'unsorted',
    /^receive series from Addr: bad:1 .*: the series are out of order: {.*job="y"} after {.*job="z"}$/,
  ],
  [
    'garbage',
    /^receive series from Addr: bad:1 .*: cannot decode thanos.SeriesResponse of 4 bytes at offset \d+: /,
  ],
  [
    'brokenChunks',
    /^receive series from Addr: bad:1 .*: cannot decode the chunk from 5000 to 5000 of series {.*} from Addr: bad:1 /,
  ],
];

for (const [behaviour, warning] of bad) {
  test(`a store that ${behaviour} is named, and the others answer`, async () => {
    const series = ['x', 'y', 'z'].map((job) => fakeSeries(up(job, 'B'), [[5000, 1]]));
    const store = fakeStore({ address: 'bad:1', series, behaviour, minTime: 0, maxTime: 9000 });
    const { series: got, warnings } = await select([good('good:1'), store], { timeoutMs: 30 });
    assert.deepEqual(
      got.map((line) => line.replace(/ 5000:1$/, '')),
      [
        '{__name__="up", job="x"} 1000:1',
        '{__name__="up", job="y"} 1000:2',
        '{__name__="up", job="z"} 1000:3',
      ],
    );
    assert.ok(
      warnings.length > 0 && warnings.every((text) => warning.test(text)),
      warnings.join('\n'),
    );
    assert.equal(store.running, 0);
  });

  test(`a store that ${behaviour} fails a query that must be complete`, async () => {
    const series = ['x', 'y', 'z'].map((job) => fakeSeries(up(job, 'B'), [[5000, 1]]));
    const slow = fakeStore({ address: 'slow:1', series: [], behaviour: 'hangs' });
    const store = fakeStore({ address: 'bad:1', series, behaviour, minTime: 0, maxTime: 9000 });
    const stores = /hangs|stalls|fails|warns/.test(behaviour) ? [store, slow] : [store];
    const options = { view: view({ partialResponse: false }), timeoutMs: 30 };
    const kinds = behaviour === 'brokenChunks' ? ['corrupt'] : ['execution'];
    await assert.rejects(select(stores, options), (error: Error & { kind?: string }) => {
      assert.ok(kinds.includes(error.kind ?? ''), `${error.kind}: ${error.message}`);
      assert.match(error.message, /bad:1|slow:1|one block is missing/);
      return true;
    });
    await realClock.sleep(1);
    assert.deepEqual(
      stores.map(({ running }) => running),
      stores.map(() => 0),
    );
  });
}

test('a store that lies about the times of its chunks is named and cut', async () => {
  const lying = fakeSeries(
    up('x', 'A'),
    [
      [1000, 1],
      [5000, 2],
    ],
    [
      [2000, 3],
      [6000, 4],
    ],
  );
  const chunks = lying.chunks.map((chunk, i) => ({
    ...chunk,
    minTime: 1000 + i * 4000,
    maxTime: 1500 + i * 4000,
  }));
  const store = fakeStore({ address: 'liar:1', series: [{ labels: lying.labels, chunks }] });
  const { series, warnings } = await select([store]);
  assert.deepEqual(series, ['{__name__="up", job="x"} 1000:1 5000:2 6000:4']);
  assert.match(
    warnings.join(),
    /from Addr: liar:1 .*chunks of {.*} overlap although they say that they do not/,
  );
});

test('only stores that may have something are asked', async () => {
  const f = async (
    selection: Partial<SelectRequest>,
    want: string,
    change: Partial<QueryView> = {},
  ) => {
    const stores = [
      fakeStore({
        address: 'eu:1',
        series: [],
        minTime: 0,
        maxTime: 999,
        external: [{ region: 'eu' }],
      }),
      fakeStore({
        address: 'us:1',
        series: [],
        minTime: 1000,
        maxTime: 2 ** 63,
        external: [{ region: 'us' }, { region: 'ca' }],
      }),
      fakeStore({ address: 'any:1', series: [] }),
    ];
    await select(stores, { request: request(selection), view: view(change) });
    assert.equal(
      stores
        .filter(({ requests }) => requests.length > 0)
        .map(({ address }) => address)
        .join(' '),
      want,
    );
  };
  const region = (type: Matcher['type'], value: string) => ({
    matchers: [all, { type, name: 'region', value }],
  });
  await f({}, 'eu:1 us:1 any:1');
  await f({ minTime: 1000 }, 'us:1 any:1');
  await f({ maxTime: 999 }, 'eu:1 any:1');
  await f({ minTime: 999, maxTime: 1000 }, 'eu:1 us:1 any:1');
  await f(region('=', 'eu'), 'eu:1 any:1');
  await f(region('!=', 'us'), 'eu:1 us:1 any:1');
  await f(region('=~', 'c.'), 'us:1 any:1');
  await f(region('=', ''), 'any:1');
  await f({}, 'us:1', { storeMatchers: [[{ type: '=~', name: '__address__', value: 'us.*' }]] });
  await f({}, 'eu:1 any:1', {
    storeMatchers: ['eu:1', 'any:1'].map((value) => [{ type: '=', name: '__address__', value }]),
  });
});

test('the request carries what stores need', async () => {
  const store = fakeStore({ address: 'a:1', series: [] });
  const hints = {
    stepMs: 15_000,
    rangeMs: 600_000,
    func: 'rate',
    grouping: ['job'],
    by: true,
    limit: 7,
  };
  const asked = request({ minTime: -5, maxTime: 2 ** 63, hints });
  await select([store], {
    request: asked,
    view: view({ maxSourceResolutionMs: 3_600_000, partialResponse: false }),
  });
  const [got] = store.requests;
  assert.equal(got?.minTime, -5n);
  assert.equal(got?.maxTime, 9223372036854775807n);
  assert.deepEqual(
    got?.matchers.map(({ type, name, value }) => [type, name, value]),
    [[2, '__name__', '.+']],
  );
  assert.equal(got?.maxResolutionWindow, 300_000n);
  assert.deepEqual(got?.aggregates, [5]);
  assert.equal(got?.partialResponseStrategy, 1);
  assert.equal(got?.limit, 7n);
  assert.equal(got?.responseBatchSize, 64n);
  assert.equal(got?.skipChunks, false);
  assert.equal(got?.queryHints?.range?.millis, 600_000n);
});

test('no stores at all is an empty answer, or an error when it must be complete', async () => {
  assert.deepEqual(await select([]), { series: [], warnings: [] });
  await assert.rejects(select([], { view: view({ partialResponse: false }) }), {
    kind: 'execution',
    message: 'no stores are available, and the answer must be complete',
  });
});

test('answers that are too large together are refused', async () => {
  const long = Array.from({ length: 2000 }, (_, i): [number, number] => [i * 1000, Math.sin(i)]);
  const series = Array.from({ length: 100 }, (_, i) => fakeSeries(up(`${1000 + i}`, 'A'), long));
  await assert.rejects(select([fakeStore({ address: 'a:1', series })]), {
    kind: 'limit',
    message: 'cannot collect series: the stores send more than 1048576 bytes',
  });
});

test('a cancelled query ends the calls of its stores', async () => {
  const store = fakeStore({ address: 'a:1', series: [], behaviour: 'hangs' });
  const controller = new AbortController();
  const queryable = openProxy(proxyOf([store]), 'penalty')(view());
  const selecting = queryable.select(request(), controller);
  controller.abort();
  await assert.rejects(selecting, { kind: 'canceled' });
  assert.equal(store.running, 0);
});

test('names and values are merged, limited, and failures told', async () => {
  const stores = [good('a:1'), fakeStore({ address: 'bad:1', series: [], behaviour: 'fails' })];
  const queryable = openProxy(proxyOf(stores), 'penalty')(view());
  const asked = { matchers: [], minTime: 0, maxTime: 1, limit: 0 };
  const text =
    'from store Addr: bad:1 MinTime: -9223372036854775808 MaxTime: 9223372036854775807: connection refused';
  assert.deepEqual(await queryable.labelNames(asked, forever), {
    values: ['__name__', 'job', 'replica'],
    warnings: ['slow disk', `fetch label names ${text}`],
  });
  assert.deepEqual((await queryable.labelValues('job', { ...asked, limit: 2 }, forever)).values, [
    'A',
    'up',
  ]);
  const complete = openProxy(proxyOf(stores), 'penalty')(view({ partialResponse: false }));
  await assert.rejects(complete.labelValues('job', asked, forever), {
    kind: 'execution',
    message: `fetch label values ${text}`,
  });
});

test('a worker reads what the main thread moved to it', async () => {
  const proxy = proxyOf([good('a:1'), good('b:1')]);
  const queryable = workerQueryable(view(), 'penalty', async (payload, signal) => {
    const asked: unknown = structuredClone(payload);
    const { value, transfer } = await answerProxyCall(proxy, asked, { view: view(), signal });
    return structuredClone(value, { transfer: [...transfer] });
  });
  assert.deepEqual(printed(await queryable.select(request(), forever)).series, [
    '{__name__="up", job="x"} 1000:1',
    '{__name__="up", job="y"} 1000:2',
    '{__name__="up", job="z"} 1000:3',
  ]);
  const asked = { matchers: [], minTime: 0, maxTime: 1, limit: 0 };
  assert.equal((await queryable.labelNames(asked, forever)).values.length, 3);
  assert.equal((await queryable.labelValues('job', asked, forever)).values.length, 5);
});

test('shards of a query are disjoint and complete', async () => {
  const series = Array.from({ length: 200 }, (_, i) => fakeSeries(up(String(i), 'A'), [[1000, i]]));
  const parts = await Promise.all(
    [0, 1, 2].map((index) =>
      select([fakeStore({ address: 'a:1', series })], {
        request: request({ hints: { ...request().hints, shard: { index, count: 3 } } }),
      }),
    ),
  );
  const whole = await select([fakeStore({ address: 'a:1', series })]);
  assert.ok(parts.every((part) => part.series.length > 40));
  assert.deepEqual(parts.flatMap((part) => part.series).sort(), whole.series.toSorted());
  const sorted = series.map(({ labels }) => labels).sort(compareLabels);
  assert.equal(sorted.length, whole.series.length);
});
