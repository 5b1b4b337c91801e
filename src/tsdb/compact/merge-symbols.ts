/** The symbols of several blocks as one table. */
import { compareText } from '../../model/labels.ts';
import type { SymbolEntry, Symbols } from '../index/symbols.ts';

/** By a block's symbol reference: the number of the symbol in the common table. */
export type Translation = Uint32Array;

export function roomForTranslation(symbols: Symbols): Translation {
  return new Uint32Array(symbols.referencesEnd);
}

/** Gives each text once, ascending, and fills the translations, one for each table. */
export function* mergeSymbols(
  tables: readonly Symbols[],
  translations: readonly Translation[],
): Generator<string> {
  const cursors = tables.map((table) => table.all());
  const heads: (SymbolEntry | undefined)[] = cursors.map(advance);
  for (let number = 0; ; number++) {
    const text = leastText(heads);
    if (text === undefined) return;
    for (let i = 0; i < heads.length; i++) {
      const head = heads[i];
      if (head?.text !== text) continue;
      (translations[i] as Translation)[head.reference] = number;
      heads[i] = advance(cursors[i] as Generator<SymbolEntry>);
    }
    yield text;
  }
}

function advance(cursor: Generator<SymbolEntry>): SymbolEntry | undefined {
  const { done, value } = cursor.next();
  return done === true ? undefined : value;
}

function leastText(heads: readonly (SymbolEntry | undefined)[]): string | undefined {
  let least: string | undefined;
  for (const head of heads) {
    if (head === undefined) continue;
    if (least === undefined || compareText(head.text, least) < 0) least = head.text;
  }
  return least;
}
