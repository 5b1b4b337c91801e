import type { Expectations } from './expectations.ts';
import type { QueryOutcome } from './query-target.ts';
import type { TextSearch } from './text-search.ts';

/** What is wrong with the warnings and infos of an outcome, or undefined. */
export function checkAnnotations(
  expected: Expectations,
  { warnings, infos }: QueryOutcome,
): string | undefined {
  if (expected.someWarning && warnings.length === 0) return 'expected a warning, got none';
  if (expected.someInfo && infos.length === 0) return 'expected an info, got none';
  return (
    checkTexts('warning', expected.warnings, warnings) ?? checkTexts('info', expected.infos, infos)
  );
}

/** Every expectation finds a text and every text is expected. */
function checkTexts(
  severity: string,
  expected: readonly TextSearch[] | undefined,
  texts: readonly string[],
): string | undefined {
  if (expected === undefined) return undefined;
  const all = texts.length === 0 ? 'none' : texts.join(' | ');
  const lacking = expected.find((search) => !texts.some((text) => search.matches(text)));
  if (lacking !== undefined) return `expected ${severity} ${lacking.source}, got ${all}`;
  const extra = texts.find((text) => !expected.some((search) => search.matches(text)));
  return extra === undefined ? undefined : `unexpected ${severity} ${extra}`;
}
