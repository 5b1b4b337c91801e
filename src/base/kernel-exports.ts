/**
 * What kernel/all.ts exports, as the host sees it, one interface a kernel file. Addresses and counts are
 * unsigned 32-bit; an address that comes back may look negative above 2 GiB: use `>>> 0`.
 */
export interface VersionKernel {
  kernelVersion(): number;
  /** First byte after the kernel's static data; the arena starts there. */
  heapBase(): number;
}

export interface KernelExports extends VersionKernel {}
