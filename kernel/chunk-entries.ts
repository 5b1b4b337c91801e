/**
 * Entries of chunks_head files (docs/formats/chunks-head.md) that lie in memory, as rows of 48 bytes:
 *
 *    0 float64 ref     8 float64 min time   16 float64 max time
 *   24 u32 address of the entry   28 u32 its length   32 u32 address of the data   36 u32 its length
 *   40 u8 encoding, with bit 7    42 u16 samples
 */
import { crc32c } from './crc';

const ROW_BYTES: usize = 48;
const HEAD_BYTES: u32 = 25;
const CRC_BYTES: u32 = 4;
/** A shorter rest can hold no entry with a sample. */
const ENTRY_BYTES_MIN: u32 = 34;
const DATA_BYTES_MAX: u32 = 1 << 26;

/** What stopped it. */
const ROWS_FULL: u32 = 0;
const INPUT_ENDS: u32 = 1;
const ZEROS: u32 = 2;
const BAD_LENGTH: u32 = 3;
const BAD_CRC: u32 = 4;

/**
 * Fills rows from the bytes between two addresses and checks their CRCs. At `state`: u32 rows filled, u32 address behind
 * the last entry, u32 bytes that the entry there needs if the input ends in it. Returns why it stopped.
 */
export function chunkEntryRows(
  at: usize,
  end: usize,
  rows: usize,
  rowsMax: u32,
  state: usize,
): u32 {
  let count: u32 = 0;
  let stop = ROWS_FULL;
  while (count < rowsMax) {
    const left = <u32>(end - at);
    store<u32>(state, ENTRY_BYTES_MIN, 8);
    if (left < ENTRY_BYTES_MIN) {
      stop = INPUT_ENDS;
      break;
    }
    if ((load<u64>(at) | load<u64>(at, 8) | load<u64>(at, 16)) == 0) {
      stop = ZEROS;
      break;
    }
    let length: u32 = 0;
    let data = at + HEAD_BYTES;
    let byte: u32 = 128;
    for (let shift: u32 = 0; shift < 28 && byte >= 128; shift += 7) {
      byte = <u32>load<u8>(data++);
      length |= (byte & 127) << shift;
    }
    if (byte >= 128 || length < 2 || length > DATA_BYTES_MAX) {
      stop = BAD_LENGTH;
      break;
    }
    const sum = data + length;
    const bytes = <u32>(sum - at) + CRC_BYTES;
    if (bytes > left) {
      store<u32>(state, bytes, 8);
      stop = INPUT_ENDS;
      break;
    }
    if (crc32c(at, <u32>(sum - at), 0) != bswap<u32>(load<u32>(sum))) {
      stop = BAD_CRC;
      break;
    }
    const row = rows + <usize>count * ROW_BYTES;
    store<f64>(row, <f64>bswap(load<u64>(at)));
    store<f64>(row, <f64>bswap(load<i64>(at, 8)), 8);
    store<f64>(row, <f64>bswap(load<i64>(at, 16)), 16);
    store<u32>(row, <u32>at, 24);
    store<u32>(row, bytes, 28);
    store<u32>(row, <u32>data, 32);
    store<u32>(row, length, 36);
    store<u8>(row, load<u8>(at, 24), 40);
    store<u16>(row, bswap<u16>(load<u16>(data)), 42);
    at += bytes;
    count++;
  }
  store<u32>(state, count);
  store<u32>(state, <u32>at, 4);
  return stop;
}
