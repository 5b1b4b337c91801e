/** What start timestamps tell about counter resets. 0 stands for an unknown one. Source: promql/functions.go. */

/** Whether the counter began anew between two samples. */
export function isStartTimeReset(
  previousStart: number,
  previousTime: number,
  start: number,
  time: number,
): boolean {
  if (start === 0 || start >= time || start < previousTime) return false;
  if (start > previousTime) return true;
  // The start points at the previous sample: a delta, unless that sample's own start is not known.
  return previousStart !== 0 && previousStart < previousTime;
}

/** Whether a sample claims a time that the previous one has covered already. */
export function overlapsStartTime(
  previousStart: number,
  previousTime: number,
  start: number,
): boolean {
  return start !== 0 && start < previousTime && start !== previousStart;
}
