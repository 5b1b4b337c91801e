import { setFlagsFromString } from 'node:v8';

/**
 * For processes that receive much and keep little of it. V8 collects the whole heap whenever received buffers have
 * grown by 64 MB, even if nearly all of them are gone: in a query over 34 MB of frames that was a third of the main
 * thread's time. With this they count towards the limit of the heap instead, like everything else.
 */
export function countBuffersAsHeap(): void {
  // The flag is known to be there and to do this in V8 13; another V8 may complain about it.
  if (process.versions.v8.startsWith('13.')) {
    setFlagsFromString('--external-memory-accounted-in-global-limit');
  }
}
