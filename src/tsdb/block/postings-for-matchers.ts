/** The series of a block that fulfil all matchers. Rules: PostingsForMatchers of Prometheus' tsdb. */
import type { CompiledMatcher } from '../../model/matcher.ts';
import type { IndexReader } from '../index/index-reader.ts';
import { intersect, NO_POSTINGS, type Postings, subtract, unite } from '../index/postings.ts';

/**
 * A matcher that an absent label fulfils cannot be looked up: instead, the series whose value fails it are taken
 * away. Every other one names lists whose union must hold the series. Ascending, which is in label order.
 */
export function postingsForMatchers(
  index: IndexReader,
  matchers: readonly CompiledMatcher[],
): Postings {
  const required: Postings[] = [];
  const excluded: Postings[] = [];
  for (const matcher of matchers) {
    if (matcher.matches('')) excluded.push(postingsOfFailing(index, matcher));
    else {
      const postings = postingsOfFulfilling(index, matcher);
      if (postings.length === 0) return NO_POSTINGS;
      required.push(postings);
    }
  }
  required.sort((a, b) => a.length - b.length);
  const [smallest = index.allPostings(), ...others] = required;
  let found = smallest;
  for (const postings of others) found = intersect(found, postings);
  for (const postings of excluded) found = subtract(found, postings);
  return found;
}

/** Series with a value that fulfils the matcher; an absent label does not. */
function postingsOfFulfilling(index: IndexReader, matcher: CompiledMatcher): Postings {
  const { name, negative, values, prefix, matches } = matcher;
  if (!negative && values !== undefined) return unionOf(index, name, values);
  return unite(index.postingsMatching(name, negative ? '' : prefix, matches));
}

/** Series with a value that fails a matcher which an absent label fulfils. */
function postingsOfFailing(index: IndexReader, matcher: CompiledMatcher): Postings {
  const { name, negative, values, prefix, matches } = matcher;
  if (negative && values !== undefined) return unionOf(index, name, values);
  return unite(index.postingsMatching(name, negative ? prefix : '', (value) => !matches(value)));
}

function unionOf(index: IndexReader, name: string, values: readonly string[]): Postings {
  const lists = values.filter((value) => value !== '').map((value) => index.postings(name, value));
  return unite(lists);
}
