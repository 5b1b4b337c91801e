/** Matchers of the wire against the labels that a source has by itself. */
import { OperationError } from '../base/errors.ts';
import { type Labels, labelValue } from '../model/labels.ts';
import { compileMatcher, type Matcher, type MatchType } from '../model/matcher.ts';
import { type LabelMatcher, LabelMatcher_Type as Type } from '../wire/gen/thanos/label_pb.ts';

const TYPES: Readonly<Record<Type, MatchType>> = {
  [Type.EQ]: '=',
  [Type.NEQ]: '!=',
  [Type.RE]: '=~',
  [Type.NRE]: '!~',
};

/** Throws OperationError 'bad-data' for a type that does not exist. */
export function readMatchers(matchers: readonly LabelMatcher[]): Matcher[] {
  return matchers.map(({ type, name, value }) => {
    const known = TYPES[type];
    if (known !== undefined) return { type: known, name, value };
    throw new OperationError('bad-data', `the matcher on "${name}" has the unknown type ${type}`);
  });
}

/**
 * The matchers that are left for the series when the external ones are fulfilled; undefined when one is not, so
 * that no series can match. Throws OperationError 'bad-data' for a malformed expression.
 */
export function matchExternal(
  matchers: readonly Matcher[],
  external: Labels,
): Matcher[] | undefined {
  const rest: Matcher[] = [];
  for (const matcher of matchers) {
    const { matches } = compileMatcher(matcher);
    const value = labelValue(external, matcher.name);
    if (value === '') rest.push(matcher);
    else if (!matches(value)) return undefined;
  }
  return rest;
}

/** `{a="b",c=~"d"}`: a selector of PromQL that any Prometheus understands. */
export function printSelector(matchers: readonly Matcher[]): string {
  const parts = matchers.map(({ type, name, value }) => {
    const isPlain = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
    return `${isPlain ? name : JSON.stringify(name)}${type}${JSON.stringify(value)}`;
  });
  return `{${parts.join(',')}}`;
}
