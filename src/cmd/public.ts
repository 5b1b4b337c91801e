/** `tsanos/node`: the outside world of Node, which the other libraries are handed. */
export { realFileSystem } from '../world/file-system.ts';
export { readKernelModule } from '../world/kernel-module.ts';
