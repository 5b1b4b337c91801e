/** What may stand between a binary operator and its right side, and label lists. */
import { quoteText } from '../../model/labels-text.ts';
import type { VectorMatching } from './ast.ts';
import { unquote } from './lex-string.ts';
import { parseSignedNumber } from './parse-literal.ts';
import { namesLabel } from './token.ts';
import type { TokenStream } from './token-stream.ts';

export interface OperatorModifiers {
  readonly returnBool: boolean;
  readonly matching: VectorMatching;
}

/** `bool`, then `on` or `ignoring`, then `group_left` or `group_right`, then `fill` and its like. */
export function parseOperatorModifiers(stream: TokenStream): OperatorModifiers {
  const returnBool = stream.accept('bool') !== undefined;
  const matching = parseGroup(stream, parseJoinLabels(stream));
  return { returnBool, matching: { ...matching, ...parseFill(stream) } };
}

const PLAIN: VectorMatching = {
  card: 'one-to-one',
  labels: [],
  on: false,
  include: [],
  fillLeft: undefined,
  fillRight: undefined,
};

/** Undefined if neither `on` nor `ignoring` is given: then no group may follow. */
function parseJoinLabels(stream: TokenStream): VectorMatching | undefined {
  const word = stream.accept('on') ?? stream.accept('ignoring');
  if (word === undefined) return undefined;
  return { ...PLAIN, on: word.kind === 'on', labels: parseLabelNames(stream) };
}

function parseGroup(stream: TokenStream, join: VectorMatching | undefined): VectorMatching {
  if (join === undefined) return PLAIN;
  const word = stream.accept('group_left') ?? stream.accept('group_right');
  if (word === undefined) return join;
  const card = word.kind === 'group_left' ? 'many-to-one' : 'one-to-many';
  // The list may be left out: then what follows begins the right side.
  const isList = stream.peek() === '(' || !stream.startsExpr();
  return { ...join, card, include: isList ? parseLabelNames(stream) : [] };
}

function parseFill(stream: TokenStream): Pick<VectorMatching, 'fillLeft' | 'fillRight'> {
  if (stream.accept('fill') !== undefined) {
    const value = parseFillValue(stream);
    return { fillLeft: value, fillRight: value };
  }
  const first = stream.accept('fill_left') ?? stream.accept('fill_right');
  if (first === undefined) return { fillLeft: undefined, fillRight: undefined };
  const value = parseFillValue(stream);
  const isLeft = first.kind === 'fill_left';
  const other = stream.accept(isLeft ? 'fill_right' : 'fill_left');
  const otherValue = other === undefined ? undefined : parseFillValue(stream);
  return isLeft
    ? { fillLeft: value, fillRight: otherValue }
    : { fillLeft: otherValue, fillRight: value };
}

function parseFillValue(stream: TokenStream): number {
  stream.expect('(');
  const { value } = parseSignedNumber(stream);
  stream.expect(')');
  return value;
}

/** `(a, "b.c")`, possibly empty, possibly with a comma at the end. */
export function parseLabelNames(stream: TokenStream): readonly string[] {
  const names: string[] = [];
  if (stream.accept('(') === undefined) stream.unexpected({ place: PLACE, expected: '"("' });
  while (stream.accept(')') === undefined) {
    names.push(parseLabelName(stream));
    if (stream.peek() === ')') continue;
    if (stream.accept(',') === undefined) {
      stream.unexpected({ place: PLACE, expected: '"," or ")"' });
    }
  }
  return names;
}

const PLACE = 'grouping opts';

function parseLabelName(stream: TokenStream): string {
  const token = stream.peekToken();
  if (namesLabel(token)) return stream.take().text;
  if (token.kind !== 'string') stream.unexpected({ place: PLACE, expected: 'label' });
  const name = unquote(stream.take().text);
  if (name === '' || !name.isWellFormed()) {
    stream.fail(token.position, `invalid label name for grouping: ${quoteText(name)}`);
  }
  return name;
}
