import { readFileSync } from 'node:fs';
import { Kernel } from '../kernel.ts';

/** A fresh kernel for a test. */
export function testKernel(limitBytes?: number): Kernel {
  const path = new URL('../../../kernel/build/kernel.wasm', import.meta.url);
  return new Kernel(new WebAssembly.Module(readFileSync(path)), limitBytes);
}
