/**
 * Memory of the head: one region that is handed out from its start, and a list of free slabs for each size.
 * Nothing is ever given back to the region; what the head has needed once it keeps and uses again.
 *
 * State of a head, as far as this file goes (u32, from its address):
 *   0 next free byte of the region │ 4 its end │ 64 … first free slab of each of the 16 sizes
 */

const NEXT: usize = 0;
const END: usize = 4;
const FREE_LISTS: usize = 64;

const SIZES: usize = memory.data<u16>([
  16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 4096, 8192,
]);

/** Largest slab; longer things do not go into a head. */
export const SLAB_BYTES_MAX: u32 = 8192;

/** Gives the head memory: the region goes on if it ends there, else what is left of it is lost. */
export function headGrant(head: usize, address: usize, length: u32): void {
  if (load<u32>(head, END) != <u32>address) store<u32>(head, <u32>address, NEXT);
  store<u32>(head, <u32>address + length, END);
}

/** Bytes of the region that nobody has yet. */
export function freeBytes(head: usize): u32 {
  return load<u32>(head, END) - load<u32>(head, NEXT);
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
  return first;
}

export function giveSlab(head: usize, size: u32, slab: usize): void {
  giveChain(head, size, slab, slab);
}

/** Slabs that are linked by their first words already. */
export function giveChain(head: usize, size: u32, first: usize, last: usize): void {
  const list = head + FREE_LISTS + (<usize>size << 2);
  store<u32>(last, load<u32>(list));
  store<u32>(list, <u32>first);
}

/** Whether so many slabs of a size (one or two) can be taken. */
export function hasSlabs(head: usize, size: u32, count: u32): bool {
  const first = <usize>load<u32>(head + FREE_LISTS + (<usize>size << 2));
  if (first != 0 && (count == 1 || load<u32>(first) != 0)) return true;
  return freeBytes(head) >= count * sizeOf(size);
}
