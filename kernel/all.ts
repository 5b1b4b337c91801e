export { heapBase, kernelVersion } from './version';
