/**
 * Moves a pointer into ascending times behind all that are at most `limit`. From step to step windows move over about
 * equally many samples: two comparisons show whether it is as many as last time, else it walks.
 */
// @ts-ignore: decorator
@inline
export function passUntil(times: usize, from: u32, stride: u32, count: u32, limit: f64): u32 {
  const guess = from + stride;
  if (guess > 0 && guess < count) {
    const at = times + ((<usize>guess) << 3);
    if (load<f64>(at) > limit && load<f64>(at - 8) <= limit) return guess;
  }
  while (from < count && load<f64>(times + ((<usize>from) << 3)) <= limit) from++;
  return from;
}
