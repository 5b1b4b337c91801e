/** What a block takes from a head: the labels of its series, as numbers of pairs. */
import { S_LABELS, seriesAt } from './head-state';

/**
 * Writes u32 bytes of all this, then for each series: u32 number of its pairs, the pairs in label order. Stops before one
 * that does not fit; returns how many series were copied.
 */
export function headCopyLabels(
  head: usize,
  slots: usize,
  count: u32,
  target: usize,
  capacity: u32,
): u32 {
  let at = target + 4;
  const end = target + capacity;
  let i: u32 = 0;
  for (; i < count; i++) {
    const list = <usize>load<u32>(seriesAt(head, load<u32>(slots + (<usize>i << 2))), S_LABELS);
    const bytes = 4 + (<usize>load<u32>(list) << 2);
    if (at + bytes > end) break;
    memory.copy(at, list, bytes);
    at += bytes;
  }
  store<u32>(target, <u32>(at - target));
  return i;
}
