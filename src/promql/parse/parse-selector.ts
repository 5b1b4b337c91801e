/** Vector selectors: `name{label="value", …}`, `{"quoted name"}`. */
import { errorText } from '../../base/errors.ts';
import { METRIC_NAME } from '../../model/labels.ts';
import { compileMatcher, type Matcher, type MatchType } from '../../model/matcher.ts';
import type { VectorSelector } from './ast.ts';
import { unquote } from './lex-string.ts';
import { namesMetric, type Token, type TokenKind } from './token.ts';
import type { TokenStream } from './token-stream.ts';

/** A name, or matchers, or both. */
export function parseSelector(stream: TokenStream): VectorSelector {
  const name = namesMetric(stream.peekToken()) ? stream.take() : undefined;
  return parseSelectorAfterName(stream, name);
}

export function parseSelectorAfterName(
  stream: TokenStream,
  name: Token | undefined,
): VectorSelector {
  const brace = stream.accept('{');
  const first = name ?? brace ?? stream.unexpected();
  const matchers = brace === undefined ? [] : parseMatchers(stream);
  const end = brace === undefined ? first.position.end : stream.expect('}').position.end;
  const byName: readonly Matcher[] = name === undefined ? [] : [nameMatcher(name.text)];
  return {
    kind: 'vectorSelector',
    position: { start: first.position.start, end },
    name: name?.text ?? '',
    // Prometheus puts the name outside the braces last.
    matchers: [...matchers, ...byName],
    offset: undefined,
    at: undefined,
    extended: undefined,
  };
}

function nameMatcher(value: string): Matcher {
  return { type: '=', name: METRIC_NAME, value };
}

const PLACE = 'label matching';

/** Up to the closing brace, which stays. */
function parseMatchers(stream: TokenStream): readonly Matcher[] {
  const matchers: Matcher[] = [];
  while (stream.peek() !== '}') {
    matchers.push(parseMatcher(stream));
    if (stream.peek() === '}') break;
    if (stream.accept(',') === undefined) {
      stream.unexpected({ place: PLACE, expected: '"," or "}"' });
    }
  }
  return matchers;
}

function parseMatcher(stream: TokenStream): Matcher {
  const isQuoted = stream.peek() === 'string';
  if (!isQuoted && stream.peek() !== 'identifier') {
    stream.unexpected({ place: PLACE, expected: 'identifier or "}"' });
  }
  const label = stream.take();
  const name = isQuoted ? unquote(label.text) : label.text;
  const type = stream.peek();
  if (!isMatchType(type)) {
    if (isQuoted) return nameMatcher(name);
    return stream.unexpected({ place: PLACE, expected: 'label matching operator' });
  }
  stream.take();
  if (stream.peek() !== 'string') stream.unexpected({ place: PLACE, expected: 'string' });
  const literal = stream.take();
  const matcher: Matcher = { type, name, value: unquote(literal.text) };
  const position = { start: label.position.start, end: literal.position.end };
  if (type.endsWith('~') && !matcher.value.isWellFormed()) {
    stream.fail(position, `error parsing regexp: invalid UTF-8: \`${matcher.value}\``);
  }
  try {
    compileMatcher(matcher);
  } catch (error) {
    stream.fail(position, errorText(error));
  }
  return matcher;
}

function isMatchType(kind: TokenKind): kind is MatchType {
  return kind === '=' || kind === '!=' || kind === '=~' || kind === '!~';
}
