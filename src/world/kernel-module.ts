import { readFileSync } from 'node:fs';

/** Compiles the kernels that `npm run build:kernel` made. Same relative path from src/ and dist/. */
export function readKernelModule(): WebAssembly.Module {
  const path = new URL('../../kernel/build/kernel.wasm', import.meta.url);
  return new WebAssembly.Module(readFileSync(path));
}
