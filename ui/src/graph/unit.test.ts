import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { unitOfBuckets, unitOfQuery } from './query-unit.ts';
import { paddedRange, valueTicks } from './ticks.ts';
import { PLAIN, printTick, printValue, type Unit, type UnitKind } from './unit.ts';

const unit = (kind: UnitKind, perSecond = false): Unit => ({ kind, perSecond });

function axis(min: number, max: number, of: Unit): string[] {
  const { values, increment } = valueTicks({ min, max }, 5, of.kind);
  return values.map((value) => printTick(value, of, increment));
}

test('ticks are round in the unit and show the digits that tell them apart', () => {
  const f = (min: number, max: number, of: Unit, want: readonly string[]): void =>
    assert.deepEqual(axis(min, max, of), want);
  f(0, 1, PLAIN, ['0', '0.2', '0.4', '0.6', '0.8', '1']);
  f(0, 4_300_000, PLAIN, ['0', '1M', '2M', '3M', '4M']);
  f(-1500, 1200, PLAIN, ['-1k', '0', '1k']);
  f(0.99982, 0.99991, PLAIN, ['0.99982', '0.99984', '0.99986', '0.99988', '0.9999']);
  f(0, 2.1e9, unit('bytes'), ['0 B', '512 MiB', '1 GiB', '1.5 GiB']);
  f(0, 3e6, unit('bytes', true), ['0 B/s', '1 MiB/s', '2 MiB/s']);
  f(0, 0.05, unit('seconds'), ['0', '10 ms', '20 ms', '30 ms', '40 ms', '50 ms']);
  f(0, 7200, unit('seconds'), ['0', '30m', '1h', '1h 30m', '2h']);
  f(0, 0.93, unit('ratio'), ['0 %', '20 %', '40 %', '60 %', '80 %']);
  f(0, 3, unit('none', true), ['0/s', '1/s', '2/s', '3/s']);
  f(0, 3e-7, PLAIN, ['0', '1e-7', '2e-7', '3e-7']);
});

test('a value beside the pointer has six digits and its unit', () => {
  const f = (value: number, of: Unit, want: string): void =>
    assert.equal(printValue(value, of), want);
  f(1234.5678, PLAIN, '1.23457k');
  f(-12, PLAIN, '-12');
  f(0, PLAIN, '0');
  f(0.000123, unit('seconds'), '123 µs');
  f(59.9999, unit('seconds'), '59.9999 s');
  f(125.25, unit('seconds'), '2m 5.25s');
  f(93_784, unit('seconds'), '1d 2h');
  f(0.1234567, unit('ratio'), '12.3457 %');
  f(1536, unit('bytes'), '1.5 KiB');
  f(0.25, unit('seconds', true), '0.25');
  f(Number.NaN, PLAIN, 'NaN');
  f(Number.NEGATIVE_INFINITY, unit('bytes'), '-Inf');
});

test('an axis leaves room, keeps zero at its edge, and shows a flat line in its middle', () => {
  assert.deepEqual(paddedRange({ min: 0, max: 100 }, false), { min: 0, max: 106 });
  assert.deepEqual(paddedRange({ min: 50, max: 100 }, false), { min: 47, max: 103 });
  assert.deepEqual(paddedRange({ min: 50, max: 100 }, true), { min: 0, max: 106 });
  assert.deepEqual(paddedRange({ min: -100, max: -50 }, true), { min: -106, max: 0 });
  assert.deepEqual(paddedRange({ min: 5, max: 5 }, false), { min: 4.5, max: 5.5 });
  assert.deepEqual(paddedRange({ min: 0, max: 0 }, false), { min: 0, max: 1 });
  assert.deepEqual(paddedRange({ min: Infinity, max: -Infinity }, true), { min: 0, max: 1 });
});

test('the unit follows from the names of metrics and what is done to them', () => {
  const f = (query: string, want: Unit): void => assert.deepEqual(unitOfQuery(query), want, query);
  f('up', PLAIN);
  f('process_resident_memory_bytes', unit('bytes'));
  f('sum by (job) (rate(node_network_receive_bytes_total[5m]))', unit('bytes', true));
  f('rate(http_requests_total[5m])', unit('none', true));
  f('increase(http_requests_total[5m])', PLAIN);
  f('rate(process_cpu_seconds_total[5m])', unit('seconds', true));
  f('process_start_time_seconds', PLAIN);
  f(
    'histogram_quantile(0.9, sum by (le) (rate(request_duration_seconds_bucket[5m])))',
    unit('seconds'),
  );
  f('histogram_quantile(0.9, rate(request_duration_seconds[5m]))', unit('seconds'));
  f('rate(x_seconds_sum[5m]) / rate(x_seconds_count[5m])', unit('seconds'));
  f('node_memory_free_bytes / node_memory_total_bytes', unit('ratio'));
  f('100 * (1 - node_memory_free_bytes / node_memory_total_bytes)', unit('percent'));
  f('max_over_time(x_bytes[5m:1m]) > 1000', unit('bytes'));
  f('x_bytes > bool 1000', PLAIN);
  f('x_bytes / 1024', PLAIN);
  f('count(x_bytes)', PLAIN);
  f('topk(5, x_seconds)', unit('seconds'));
  f('x_bytes * on (instance) group_left (name) machine_info', unit('bytes'));
  f('this does not parse (', PLAIN);
});

test('bounds of buckets have the unit of what is observed', () => {
  const f = (query: string, want: Unit): void =>
    assert.deepEqual(unitOfBuckets(query), want, query);
  f('sum by (le) (rate(request_duration_seconds_bucket[5m]))', unit('seconds'));
  f('rate(response_size_bytes[5m])', unit('bytes'));
  f('nonsense(', PLAIN);
});

test('values that differ by rounding alone are one line with room around it', () => {
  const flat = (min: number, max: number) => {
    const range = paddedRange({ min, max }, false);
    assert.ok(range.max - range.min > 0.1 * max, `${min} ${max}`);
    assert.ok(valueTicks(range, 5, 'none').values.length > 1, `${min} ${max}`);
  };
  flat(0.3, 0.1 + 0.2);
  flat(1e15, 1e15 + 0.125);
  flat(1.7e18, 1.7e18 + 256);
  assert.deepEqual(valueTicks({ min: 0.3, max: 0.1 + 0.2 }, 5, 'none').values, [0.3]);
});
