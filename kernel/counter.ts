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
  for (let address = values; address < end; address += 8) {
    const value = load<f64>(address);
    if (value != value) continue;
    if (value < last) lost += last;
    last = value;
    if (lost != 0) store<f64>(address, value + lost);
  }
}
