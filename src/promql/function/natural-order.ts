import { compareText } from '../../model/labels.ts';

/** Order of texts in which runs of digits count as numbers: "a2" before "a10". */
export function compareNaturally(a: string, b: string): number {
  const partsA = a.match(/\d+|\D+/g) ?? [];
  const partsB = b.match(/\d+|\D+/g) ?? [];
  const length = Math.min(partsA.length, partsB.length);
  for (let i = 0; i < length; i++) {
    const order = compareParts(partsA[i] as string, partsB[i] as string);
    if (order !== 0) return order;
  }
  return partsA.length - partsB.length;
}

function compareParts(a: string, b: string): number {
  const isNumber = /^\d/;
  if (isNumber.test(a) && isNumber.test(b)) return Number(a) - Number(b);
  return compareText(a, b);
}
