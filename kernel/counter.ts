/**
 * Makes a counter rise over its resets: what was lost at each reset is added to all samples after it. Replicas of a
 * counter are corrected before they are merged: a restart that one of them saw and the other did not, or not yet, would
 * else look like a second reset, or hide the first. NaN (and so the stale marker) passes and is not looked at.
 * Source: the reset-correcting iterator of Thanos' pkg/compact/downsample.
 */
export function correctResets(values: usize, count: u32): void {
  let last: f64 = -Infinity;
  let lost: f64 = 0;
  const end = values + (<usize>count << 3);
  let address = values;
  while (address < end) {
    const stop = min(end, address + 32);
    if (stop == address + 32) {
      // Nearly always four values rise, none of them a NaN.
      const first = v128.load(address);
      const second = v128.load(address, 16);
      const risesFirst = f64x2.ge(first, f64x2.replace_lane(v128.shuffle<f64>(first, first, 0, 0), 0, last));
      const risesSecond = f64x2.ge(second, v128.shuffle<f64>(first, second, 1, 2));
      if (i64x2.all_true(v128.and(risesFirst, risesSecond))) {
        if (lost != 0) {
          v128.store(address, f64x2.add(first, f64x2.splat(lost)));
          v128.store(address, f64x2.add(second, f64x2.splat(lost)), 16);
        }
        last = f64x2.extract_lane(second, 1);
        address = stop;
        continue;
      }
    }
    for (; address < stop; address += 8) {
      const value = load<f64>(address);
      if (value != value) continue;
      if (value < last) lost += last;
      last = value;
      if (lost != 0) store<f64>(address, value + lost);
    }
  }
}
