import { compareText } from './labels.ts';
import { compileRegex } from './regex.ts';

/** A condition on one label. An absent label has the value ''. */
export type MatchType = '=' | '!=' | '=~' | '!~';

export interface Matcher {
  readonly type: MatchType;
  readonly name: string;
  /** The text, or the source of an RE2 expression that must match the whole value. */
  readonly value: string;
}

export interface CompiledMatcher {
  readonly matcher: Matcher;
  readonly name: string;
  /** Whether the condition is a denied one (`!=`, `!~`). */
  readonly negative: boolean;
  /** Whether a value (`''` where the label is absent) fulfils the condition. */
  readonly matches: (value: string) => boolean;
  /** Whether the condition without its negation holds. */
  readonly accepts: (value: string) => boolean;
  /**
   * The values that `accepts` takes, ascending, if they are finitely many and known without looking at data:
   * those that the condition admits, or, if it is negative, those that it excludes.
   */
  readonly values: readonly string[] | undefined;
  /** What every value that `accepts` takes starts with; '' if nothing is known. */
  readonly prefix: string;
}

/** Throws OperationError 'bad-data' for a malformed expression, in the words of Go's regexp. */
export function compileMatcher(matcher: Matcher): CompiledMatcher {
  const { type, name, value } = matcher;
  const negative = type === '!=' || type === '!~';
  const { accepts, values, prefix } =
    type === '=' || type === '!=' ? equality(value) : regex(value);
  const matches = negative ? (text: string) => !accepts(text) : accepts;
  return { matcher, name, negative, matches, accepts, values, prefix };
}

type Condition = Pick<CompiledMatcher, 'accepts' | 'values' | 'prefix'>;

function equality(value: string): Condition {
  return { accepts: (text) => text === value, values: [value], prefix: value };
}

function regex(source: string): Condition {
  const { matches, alternatives, prefix } = compileRegex(source);
  return { accepts: matches, values: alternatives?.toSorted(compareText), prefix };
}
