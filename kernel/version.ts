/** Raised when the meaning of an exported function changes; the host refuses another number. */
export function kernelVersion(): u32 {
  return 1;
}

/** First byte after the static data of all kernels. */
export function heapBase(): usize {
  return __heap_base;
}
