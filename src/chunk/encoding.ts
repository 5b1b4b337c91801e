/** Encodings of chunks, by their numbers in segment files and remote read. Source: docs/formats/chunks.md. */
export const XOR = 1;
export const HISTOGRAM = 2;
export const FLOAT_HISTOGRAM = 3;
export const XOR2 = 4;
export const HISTOGRAM_ST = 5;
export const FLOAT_HISTOGRAM_ST = 6;

/** Whether a chunk holds floats (else histograms). Throws nothing; unknown numbers are neither. */
export function isFloatEncoding(encoding: number): boolean {
  return encoding === XOR || encoding === XOR2;
}

export function isHistogramEncoding(encoding: number): boolean {
  return (
    encoding === HISTOGRAM ||
    encoding === FLOAT_HISTOGRAM ||
    encoding === HISTOGRAM_ST ||
    encoding === FLOAT_HISTOGRAM_ST
  );
}

/** Samples in a chunk, from its first two bytes: 14 bits beside the reset header in encodings 5 and 6. */
export function sampleCount(encoding: number, first: number, second: number): number {
  const count = (first << 8) | second;
  return encoding === HISTOGRAM_ST || encoding === FLOAT_HISTOGRAM_ST ? count & 0x3fff : count;
}
