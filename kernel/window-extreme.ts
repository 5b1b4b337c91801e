/*
 * min_over_time and max_over_time: the window is cut in two, as in window-sum.ts, so that a sample costs two
 * comparisons however long the window is.
 *
 *      low            middle            high        back[i]  = extreme of the samples i … middle − 1
 *       |---- back ----|----- front -----|          front    = extreme of the samples middle … high − 1
 *
 * A NaN gives way to any number and is the result only of a window without numbers; of equal values (0 and −0) the
 * earlier one stays.
 *
 *   scratch   | back, f64 × count |
 */

export function windowMaxOverTime(
  times: usize,
  values: usize,
  count: u32,
  start: f64,
  step: f64,
  steps: u32,
  range: f64,
  out: usize,
  present: usize,
  scratch: usize,
): void {
  slideExtreme(times, values, count, start, step, steps, range, out, present, scratch, 1);
}

export function windowMinOverTime(
  times: usize,
  values: usize,
  count: u32,
  start: f64,
  step: f64,
  steps: u32,
  range: f64,
  out: usize,
  present: usize,
  scratch: usize,
): void {
  slideExtreme(times, values, count, start, step, steps, range, out, present, scratch, -1);
}

/** The minimum is the maximum of the negated values; negation is exact. */
function slideExtreme(
  times: usize,
  values: usize,
  count: u32,
  start: f64,
  step: f64,
  steps: u32,
  range: f64,
  out: usize,
  present: usize,
  back: usize,
  sign: f64,
): void {
  let low: u32 = 0;
  let high: u32 = 0;
  let middle: u32 = 0;
  let front: f64 = NaN;
  for (let k: u32 = 0; k < steps; k++) {
    const end = start + <f64>k * step;
    const begin = end - range;
    while (high < count && load<f64>(times + ((<usize>high) << 3)) <= end) {
      front = larger(front, load<f64>(values + ((<usize>high) << 3)) * sign);
      high++;
    }
    while (low < high && load<f64>(times + ((<usize>low) << 3)) <= begin) low++;
    if (low == high) {
      store<u8>(present + k, 0);
      continue;
    }
    if (low >= middle) {
      let extreme: f64 = NaN;
      for (let i = high; i > low; ) {
        i--;
        extreme = larger(load<f64>(values + ((<usize>i) << 3)) * sign, extreme);
        store<f64>(back + ((<usize>i) << 3), extreme);
      }
      middle = high;
      front = NaN;
    }
    store<f64>(
      out + ((<usize>k) << 3),
      larger(load<f64>(back + ((<usize>low) << 3)), front) * sign,
    );
    store<u8>(present + k, 1);
  }
}

function larger(earlier: f64, later: f64): f64 {
  return later > earlier || earlier != earlier ? later : earlier;
}
