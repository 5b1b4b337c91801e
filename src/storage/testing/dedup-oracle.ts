/**
 * Penalty deduplication as a tree of iterators, the way its rules are told: what the kernel is tested against.
 * Values are numbers; `histogram` marks a sample that is none.
 */
export interface ReplicaSample {
  readonly time: number;
  readonly value: number | 'histogram';
}

interface Cursor {
  /** Undefined at the end. */
  current(): ReplicaSample | undefined;
  /** To the first sample at or after a time, never backwards. */
  seek(time: number): void;
  /** Raises what is below the last value given. */
  raise(last: number): void;
}

export function penaltyOracle(
  replicas: readonly (readonly ReplicaSample[])[],
  isCounter: boolean,
): ReplicaSample[] {
  const [first, ...others] = replicas.map(replicaCursor) as [Cursor, ...Cursor[]];
  const merged = others.reduce((left, right) => mergeCursor(left, right, isCounter), first);
  const given: ReplicaSample[] = [];
  for (let sample = merged.current(); sample !== undefined; sample = merged.current()) {
    given.push(sample);
    merged.seek(sample.time + 1);
  }
  return given;
}

function replicaCursor(samples: readonly ReplicaSample[]): Cursor {
  let position = 0;
  let raised = 0;
  const current = (): ReplicaSample | undefined => {
    const sample = samples[position];
    if (sample === undefined || sample.value === 'histogram') return sample;
    return { time: sample.time, value: sample.value + raised };
  };
  return {
    current,
    seek: (time) => {
      while ((samples[position]?.time ?? Infinity) < time) position++;
    },
    raise: (last) => {
      const value = current()?.value;
      if (typeof value === 'number' && last > value) raised += last - value;
    },
  };
}

function mergeCursor(left: Cursor, right: Cursor, isCounter: boolean): Cursor {
  let last: number | undefined;
  let chosen = left;
  const penalties = new Map([
    [left, 0],
    [right, 0],
  ]);
  const raise = (value: number): void => {
    for (const side of [left, right]) {
      if (typeof side.current()?.value === 'number') side.raise(value);
    }
  };
  const next = (): void => {
    const lastValue = chosen.current()?.value;
    const before = chosen;
    for (const side of [left, right]) {
      if (last !== undefined) side.seek(last + 1 + (penalties.get(side) ?? 0));
    }
    const [leftTime, rightTime] = [left.current()?.time, right.current()?.time];
    if (leftTime === undefined && rightTime === undefined) return;
    chosen = (leftTime ?? Infinity) <= (rightTime ?? Infinity) ? left : right;
    const time = Math.min(leftTime ?? Infinity, rightTime ?? Infinity);
    penalties.set(chosen === left ? right : left, last === undefined ? 5000 : 2 * (time - last));
    penalties.set(chosen, 0);
    last = time;
    if (isCounter && chosen !== before && typeof lastValue === 'number') raise(lastValue);
  };
  next();
  return {
    current: () => chosen.current(),
    seek: (time) => {
      while ((chosen.current()?.time ?? Infinity) < time) next();
    },
    raise,
  };
}
