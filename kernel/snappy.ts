/**
 * Snappy blocks (google/snappy format_description.txt) without their length header: elements of literals and
 * copies, whose low two bits of the first byte (the tag) say which.
 *
 *   tag & 3   0 literal            1 copy             2 copy            3 copy
 *   length    1 + tag >> 2;        4 + (tag >> 2 & 7) 1 + tag >> 2      1 + tag >> 2
 *             60…63: in 1…4 bytes
 *   offset    –                    11 bits            16 bits           32 bits
 *
 * Vectors are loaded up to 16 bytes past the end of the source (the arena's slack), never stored past the target.
 */
const FRAGMENT_BYTES: usize = 65536;
const TABLE_BITS: u32 = 14;
/** A match is looked for only this far from the end, so that 8-byte loads stay inside. */
const MARGIN_BYTES: usize = 15;

/** Fills exactly the target. Returns 1, or 0 when the source is not a block of that length. */
export function snappyDecode(
  source: usize,
  sourceLength: u32,
  target: usize,
  targetLength: u32,
): u32 {
  const end = source + <usize>sourceLength;
  const targetEnd = target + <usize>targetLength;
  let from = source;
  let to = target;
  while (from < end) {
    const tag: u32 = load<u8>(from++);
    const kind = tag & 3;
    if (kind == 0) {
      let length: usize = (tag >> 2) + 1;
      if (length > 60) {
        const extra = length - 60;
        if (end - from < extra) return 0;
        length = <usize>(load<u32>(from) & (0xffffffff >>> (32 - 8 * <u32>extra)));
        // 2^32 bytes cannot follow; without this test the length would wrap to 0.
        if (length == 0xffffffff) return 0;
        length += 1;
        from += extra;
      }
      if (end - from < length || targetEnd - to < length) return 0;
      if (length <= 16 && targetEnd - to >= 16) v128.store(to, v128.load(from));
      else memory.copy(to, from, length);
      from += length;
      to += length;
      continue;
    }
    let length: usize = (tag >> 2) + 1;
    let offset: usize = 0;
    if (kind == 1) {
      if (end - from < 1) return 0;
      length = 4 + ((tag >> 2) & 7);
      offset = ((tag & 0xe0) << 3) | load<u8>(from);
      from += 1;
    } else if (kind == 2) {
      if (end - from < 2) return 0;
      offset = load<u16>(from);
      from += 2;
    } else {
      if (end - from < 4) return 0;
      offset = load<u32>(from);
      from += 4;
    }
    if (offset == 0 || to - target < offset || targetEnd - to < length) return 0;
    repeat(to, offset, length, targetEnd);
    to += length;
  }
  return to == targetEnd ? 1 : 0;
}

/** Writes again what lies offset bytes back; where offset < length the bytes just written repeat. */
function repeat(to: usize, offset: usize, length: usize, targetEnd: usize): void {
  let from = to - offset;
  const end = to + length;
  if (offset >= 16 && targetEnd - end >= 16) {
    for (; to < end; to += 16, from += 16) v128.store(to, v128.load(from));
  } else if (offset >= 8 && targetEnd - end >= 8) {
    for (; to < end; to += 8, from += 8) store<u64>(to, load<u64>(from));
  } else {
    for (; to < end; to++, from++) store<u8>(to, load<u8>(from));
  }
}

/**
 * Encodes any number of bytes; target needs 64 + length + length / 6, table 32 KiB of scratch.
 * Returns the number of bytes written.
 */
export function snappyEncode(source: usize, length: u32, target: usize, table: usize): u32 {
  const end = source + <usize>length;
  let to = target;
  for (let at = source; at < end; at += FRAGMENT_BYTES) {
    to = encodeFragment(at, min(end, at + FRAGMENT_BYTES), to, table);
  }
  return <u32>(to - target);
}

/** The table remembers where a hash of four bytes was last seen in this fragment, as 16-bit offsets. */
function encodeFragment(start: usize, end: usize, target: usize, table: usize): usize {
  let to = target;
  let literal = start;
  if (end - start > MARGIN_BYTES + 1) {
    const limit = end - MARGIN_BYTES;
    memory.fill(table, 0, 2 << TABLE_BITS);
    let at = start + 1;
    while (at < limit) {
      // Where nothing matches for long, ever larger steps: bytes that do not compress cost little.
      let skip: usize = 32;
      let candidate: usize = 0;
      while (at < limit) {
        candidate = exchange(table, start, at);
        if (load<u32>(candidate) == load<u32>(at)) break;
        at += skip >> 5;
        skip += skip >> 5;
      }
      if (at >= limit) break;
      to = writeLiteral(to, literal, at - literal);
      do {
        const length: usize = 4 + matchLength(candidate + 4, at + 4, end);
        to = writeCopy(to, at - candidate, length);
        at += length;
        literal = at;
        if (at >= limit) break;
        exchange(table, start, at - 1);
        candidate = exchange(table, start, at);
      } while (load<u32>(candidate) == load<u32>(at));
      at += 1;
    }
  }
  return literal < end ? writeLiteral(to, literal, end - literal) : to;
}

/** Where the four bytes at the position were last seen; from now on it is here. */
function exchange(table: usize, start: usize, at: usize): usize {
  const slot = table + ((<usize>((load<u32>(at) * 0x1e35a7bd) >>> (32 - TABLE_BITS))) << 1);
  const seen = start + <usize>load<u16>(slot);
  store<u16>(slot, <u16>(at - start));
  return seen;
}

function matchLength(earlier: usize, at: usize, end: usize): usize {
  const first = at;
  while (at + 8 <= end) {
    const difference = load<u64>(earlier) ^ load<u64>(at);
    if (difference != 0) return at - first + (<usize>ctz(difference) >> 3);
    at += 8;
    earlier += 8;
  }
  while (at < end && load<u8>(earlier) == load<u8>(at)) {
    at += 1;
    earlier += 1;
  }
  return at - first;
}

function writeLiteral(to: usize, from: usize, length: usize): usize {
  if (length == 0) return to;
  const last = <u32>length - 1;
  if (last < 60) {
    store<u8>(to, last << 2);
    to += 1;
  } else if (last < 256) {
    store<u16>(to, (60 << 2) | (last << 8));
    to += 2;
  } else {
    store<u8>(to, 61 << 2);
    store<u16>(to + 1, last);
    to += 3;
  }
  // The target's 64 bytes of room beyond the worst case take the rest of the vector.
  if (length <= 16) v128.store(to, v128.load(from));
  else memory.copy(to, from, length);
  return to + length;
}

function writeCopy(to: usize, offset: usize, length: usize): usize {
  while (length >= 68) {
    to = writeCopy16(to, offset, 64);
    length -= 64;
  }
  if (length > 64) {
    // 60, so that the rest is at least the 4 bytes that a short copy needs.
    to = writeCopy16(to, offset, 60);
    length -= 60;
  }
  if (length >= 12 || offset >= 2048) return writeCopy16(to, offset, length);
  store<u8>(to, ((<u32>offset >> 8) << 5) | ((<u32>length - 4) << 2) | 1);
  store<u8>(to + 1, <u32>offset);
  return to + 2;
}

function writeCopy16(to: usize, offset: usize, length: usize): usize {
  store<u8>(to, ((<u32>length - 1) << 2) | 2);
  store<u16>(to + 1, <u32>offset);
  return to + 3;
}
