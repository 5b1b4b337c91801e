import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { sparklinePath } from './sparkline-path.ts';

test('a small picture spans its box, leaves gaps open and keeps flat lines off the edge', () => {
  const f = (values: readonly number[], want: string): void =>
    assert.equal(
      sparklinePath(
        values.map((_, i) => i),
        values,
        { width: 12, height: 13 },
      ),
      want,
    );
  f([0, 5, 10], 'M1 11.5L6 6.5L11 1.5');
  f([1, Number.NaN, 2], 'M1 11.5h0.1M11 1.5h0.1');
  f([7, 7], 'M1 6.5L11 6.5');
  f([0, 0], 'M1 11.5L11 11.5');
  f([Number.NaN], '');
});
