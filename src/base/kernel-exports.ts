/**
 * What kernel/all.ts exports, as the host sees it, one interface a kernel file. Addresses and counts are
 * unsigned 32-bit; an address that comes back may look negative above 2 GiB: use `>>> 0`.
 */
export interface VersionKernel {
  kernelVersion(): number;
  /** First byte after the kernel's static data; the arena starts there. */
  heapBase(): number;
}

export interface SnappyKernel {
  /** Fills exactly the target from a block without its header; 1, or 0 when the source is malformed. */
  snappyDecode(source: number, sourceLength: number, target: number, targetLength: number): number;
  /** Bytes written; target needs 64 + length + length / 6, table 32 KiB of scratch. */
  snappyEncode(source: number, length: number, target: number, table: number): number;
}

export interface KernelExports extends SnappyKernel, VersionKernel {}
