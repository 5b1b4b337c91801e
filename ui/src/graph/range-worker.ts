/** A thread that parses one answer, so that the page goes on answering the pointer. */
import type { StepGrid } from './matrix.ts';
import { buffersOf, parseRange } from './parse-range.ts';

export interface ParseRequest {
  readonly bytes: ArrayBuffer;
  readonly asked: StepGrid;
}

addEventListener('message', ({ data }: MessageEvent<ParseRequest>) => {
  const result = parseRange(new TextDecoder().decode(data.bytes), data.asked);
  postMessage(result, { transfer: buffersOf(result) });
});
