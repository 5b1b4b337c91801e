/** A condition on one label. An absent label has the value ''. */
export type MatchType = '=' | '!=' | '=~' | '!~';

export interface Matcher {
  readonly type: MatchType;
  readonly name: string;
  /** The text, or the source of an RE2 expression that must match the whole value. */
  readonly value: string;
}
