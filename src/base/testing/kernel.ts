import { readFileSync } from 'node:fs';
import { Kernel } from '../kernel.ts';

/** A fresh kernel for a test. */
export function testKernel(limitBytes?: number): Kernel {
  return new Kernel(kernelModule(), limitBytes);
}

/** For several kernels: compiling takes longer than making one. */
export function kernelModule(): WebAssembly.Module {
  const path = new URL('../../../kernel/build/kernel.wasm', import.meta.url);
  return new WebAssembly.Module(readFileSync(path));
}
