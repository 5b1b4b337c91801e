/**
 * Memory of the head: one region that is handed out from its start, and a list of free slabs for each size.
 * Nothing is ever given back to the region; what the head has needed once it keeps and uses again.
 *
 * State of a head, as far as this file goes (u32, from its address):
 *   0 next free byte of the region │ 4 its end │ 64 … first free slab of each of the 16 sizes │ 128 … their numbers
 */

const NEXT: usize = 0;
const END: usize = 4;
const FREE_LISTS: usize = 64;
const FREE_COUNTS: usize = 128;

const SIZES: usize = memory.data<u16>([
  16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 4096, 8192,
]);

/** Largest slab; longer things do not go into a head. */
export const SLAB_BYTES_MAX: u32 = 8192;

/** Size of blocks of chunks, of which the head needs most. */
export const BLOCK_SIZE: u32 = 3;

/** Gives the head memory: the region goes on if it ends there, else what is left of it becomes blocks. */
export function headGrant(head: usize, address: usize, length: u32): void {
  if (load<u32>(head, END) != <u32>address) {
    for (;;) {
      const block = takeRegion(head, sizeOf(BLOCK_SIZE));
      if (block == 0) break;
      giveSlab(head, BLOCK_SIZE, block);
    }
    store<u32>(head, <u32>address, NEXT);
  }
  store<u32>(head, <u32>address + length, END);
}

/** Bytes of the region that nobody has yet. */
export function freeBytes(head: usize): u32 {
  return load<u32>(head, END) - load<u32>(head, NEXT);
}

/** Bytes of slabs that were used and are free again. */
export function headFreeSlabBytes(head: usize): u32 {
  let bytes: u32 = 0;
  for (let size: u32 = 0; size < 16; size++) {
    bytes += sizeOf(size) * load<u32>(head + FREE_COUNTS + (<usize>size << 2));
  }
  return bytes;
}

// @ts-ignore: decorator
@inline
export function sizeOf(size: u32): u32 {
  return load<u16>(SIZES + (<usize>size << 1));
}

/** Number of the smallest slab size that holds so many bytes, at most SLAB_BYTES_MAX. */
export function sizeFor(length: u32): u32 {
  let size: u32 = 0;
  while (sizeOf(size) < length) size++;
  return size;
}

/** Bytes that the region lacks to give slabs, so many of each of the 16 sizes. */
export function lackOfSizes(head: usize, counts: usize): u32 {
  let bytes: u32 = 0;
  for (let size: u32 = 0; size < 16; size++) {
    const at = <usize>size << 2;
    const needed = load<u32>(counts + at);
    const free = load<u32>(head + FREE_COUNTS + at);
    if (needed > free) bytes += (needed - free) * sizeOf(size);
  }
  return bytes;
}

/** Straight from the region; 0 when it is used up. */
export function takeRegion(head: usize, length: u32): usize {
  if (freeBytes(head) < length) return 0;
  const address = load<u32>(head, NEXT);
  store<u32>(head, address + length, NEXT);
  return <usize>address;
}

/** A slab of a size, used or new; 0 when there is none. Its contents are anything. */
export function takeSlab(head: usize, size: u32): usize {
  const list = head + FREE_LISTS + (<usize>size << 2);
  const first = <usize>load<u32>(list);
  if (first == 0) return takeRegion(head, sizeOf(size));
  store<u32>(list, load<u32>(first));
  addFree(head, size, -1);
  return first;
}

export function giveSlab(head: usize, size: u32, slab: usize): void {
  giveChain(head, size, slab, slab, 1);
}

/** Slabs that are linked by their first words already. */
export function giveChain(head: usize, size: u32, first: usize, last: usize, count: u32): void {
  const list = head + FREE_LISTS + (<usize>size << 2);
  store<u32>(last, load<u32>(list));
  store<u32>(list, <u32>first);
  addFree(head, size, count);
}

// @ts-ignore: decorator
@inline
function addFree(head: usize, size: u32, count: i32): void {
  const at = head + FREE_COUNTS + (<usize>size << 2);
  store<u32>(at, load<u32>(at) + count);
}

/** Bytes that the region lacks to give so many slabs of a size; 0 when they are there. */
export function lackOfSlabs(head: usize, size: u32, count: u32): u32 {
  const free = load<u32>(head + FREE_COUNTS + (<usize>size << 2));
  if (count <= free) return 0;
  const bytes = (count - free) * sizeOf(size);
  return bytes <= freeBytes(head) ? 0 : bytes;
}
