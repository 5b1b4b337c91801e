/** What a check says: good, to be looked at, wrong, or not to be found out. */
import type { HaFacts } from './facts.ts';
import type { TextKey } from './texts.data.ts';

export type FindingLevel = 'good' | 'warning' | 'trouble' | 'unknown';

export interface Finding {
  readonly level: FindingLevel;
  /** Which sentence, and which advice with it. */
  readonly text: TextKey;
  /** What stands in the sentence's places. */
  readonly values: Readonly<Record<string, string>>;
}

export interface Check {
  /** Short name, in reports: `replica-label`. */
  readonly id: string;
  /** None where there is nothing to check. */
  readonly run: (facts: HaFacts) => readonly Finding[];
}

type Values = Readonly<Record<string, string | number>>;

export const good = (text: TextKey, values: Values = {}): Finding => make('good', text, values);
export const warning = (text: TextKey, values: Values = {}): Finding =>
  make('warning', text, values);
export const trouble = (text: TextKey, values: Values = {}): Finding =>
  make('trouble', text, values);
export const unknown = (text: TextKey, values: Values = {}): Finding =>
  make('unknown', text, values);

function make(level: FindingLevel, text: TextKey, values: Values): Finding {
  const texts = Object.entries(values).map(([name, value]) => [name, String(value)]);
  return { level, text, values: Object.fromEntries(texts) };
}
