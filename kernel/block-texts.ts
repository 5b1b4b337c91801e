/**
 * Sorts the label texts of a head and numbers them as the symbols of a block. Rows are two u32: address of a text (u16
 * length, bytes), and which number of a table is to be that of its symbol.
 */

const ROW_BYTES: usize = 8;

/** Sorts rows by their texts. `spare` has as much room as the rows; `state` is five u32. */
export function textsSort(rows: usize, count: u32, spare: usize, state: usize): void {
  let from = rows;
  let to = spare;
  for (let width: u32 = 1; width < count; width <<= 1) {
    for (let start: u32 = 0; start < count; start += width << 1) {
      const middle = min(start + width, count);
      const end = min(middle + width, count);
      store<u32>(state, <u32>(from + <usize>start * ROW_BYTES));
      store<u32>(state, <u32>(from + <usize>middle * ROW_BYTES), 4);
      store<u32>(state, <u32>(from + <usize>middle * ROW_BYTES), 8);
      store<u32>(state, <u32>(from + <usize>end * ROW_BYTES), 12);
      store<u32>(state, <u32>(to + <usize>start * ROW_BYTES), 16);
      textsMerge(state, end - start);
    }
    const other = from;
    from = to;
    to = other;
  }
  if (from != rows) memory.copy(rows, from, <usize>count * ROW_BYTES);
}

/**
 * Merges at most `limit` rows of two sorted runs. `state` is u32 next row and end of the one run, next row and end of the
 * other, where the next row goes; all move on. Whether rows are left.
 */
export function textsMerge(state: usize, limit: u32): bool {
  let a = <usize>load<u32>(state);
  const aEnd = <usize>load<u32>(state, 4);
  let b = <usize>load<u32>(state, 8);
  const bEnd = <usize>load<u32>(state, 12);
  let to = <usize>load<u32>(state, 16);
  for (let i: u32 = 0; i < limit && (a < aEnd || b < bEnd); i++) {
    if (b == bEnd || (a < aEnd && compareTexts(load<u32>(a), load<u32>(b)) <= 0)) {
      store<u64>(to, load<u64>(a));
      a += ROW_BYTES;
    } else {
      store<u64>(to, load<u64>(b));
      b += ROW_BYTES;
    }
    to += ROW_BYTES;
  }
  store<u32>(state, <u32>a);
  store<u32>(state, <u32>b, 8);
  store<u32>(state, <u32>to, 16);
  return a < aEnd || b < bEnd;
}

/**
 * Numbers sorted rows: equal texts get one number. The text at `before` has the number before `next`. Lists the address of
 * each new text at its number. Returns the next number.
 */
export function textsNumber(
  rows: usize,
  count: u32,
  before: usize,
  next: u32,
  numbers: usize,
  texts: usize,
): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const row = rows + <usize>i * ROW_BYTES;
    const text = <usize>load<u32>(row);
    if (compareTexts(before, text) != 0) {
      store<u32>(texts + (<usize>next << 2), <u32>text);
      next++;
      before = text;
    }
    store<u32>(numbers + (<usize>load<u32>(row, 4) << 2), next - 1);
  }
  return next;
}

/** Bytes of the text list before each other, shorter first. */
export function compareTexts(a: usize, b: usize): i32 {
  const aLength = <usize>load<u16>(a);
  const bLength = <usize>load<u16>(b);
  const order = memory.compare(a + 2, b + 2, min(aLength, bLength));
  return order != 0 ? order : <i32>(aLength - bLength);
}
