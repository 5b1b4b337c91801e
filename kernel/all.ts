export { snappyDecode, snappyEncode } from './snappy';
export { heapBase, kernelVersion } from './version';
