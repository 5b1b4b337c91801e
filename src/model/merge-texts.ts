import { compareText } from './labels.ts';

/** Several lists of texts as one; all ascend by UTF-8 bytes and have each text once. */
export function mergeTexts(lists: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...others] = lists.filter((list) => list.length > 0);
  return others.reduce(mergeTwo, first);
}

/** Texts of whoever promises that they ascend, each once: sorted where they do not. */
export function ascendingTexts(texts: readonly string[]): readonly string[] {
  for (let i = 1; i < texts.length; i++) {
    if (compareText(texts[i - 1] as string, texts[i] as string) >= 0) {
      return [...new Set(texts)].sort(compareText);
    }
  }
  return texts;
}

function mergeTwo(left: readonly string[], right: readonly string[]): readonly string[] {
  const merged: string[] = [];
  let [l, r] = [0, 0];
  while (l < left.length && r < right.length) {
    const a = left[l] as string;
    const b = right[r] as string;
    const order = compareText(a, b);
    merged.push(order <= 0 ? a : b);
    if (order <= 0) l++;
    if (order >= 0) r++;
  }
  for (; l < left.length; l++) merged.push(left[l] as string);
  for (; r < right.length; r++) merged.push(right[r] as string);
  return merged;
}
