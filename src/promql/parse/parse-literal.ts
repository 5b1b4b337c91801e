/** Numbers, durations and strings of a query. Source: Prometheus' promql/parser, common/model/time.go. */
import { errorText } from '../../base/errors.ts';
import { quoteText } from '../../model/labels-text.ts';
import { parseNumber } from '../../model/number-text.ts';
import type { NumberLiteral } from './ast.ts';
import type { TokenStream } from './token-stream.ts';

export function startsNumber(stream: TokenStream): boolean {
  return stream.peek() === 'number' || stream.peek() === 'duration';
}

/** A number, or a duration as its seconds. */
export function parseNumberOrDuration(stream: TokenStream): NumberLiteral {
  if (!startsNumber(stream)) stream.unexpected();
  const { kind, text, position } = stream.take();
  if (kind === 'duration') {
    const seconds = durationSeconds(text, (why) => stream.fail(position, why));
    return { kind: 'number', position, value: seconds, isDuration: true };
  }
  try {
    return { kind: 'number', position, value: parseNumber(text), isDuration: false };
  } catch (error) {
    return stream.fail(position, `error parsing number: ${errorText(error)}`);
  }
}

/** Written with or without a sign. */
export function parseSignedNumber(stream: TokenStream): NumberLiteral {
  const sign = stream.accept('-') ?? stream.accept('+');
  const literal = parseNumberOrDuration(stream);
  return sign === undefined ? literal : withSign(literal, sign.kind, sign.position.start);
}

/** A literal with the sign written before it. */
export function withSign(literal: NumberLiteral, sign: string, start: number): NumberLiteral {
  const position = { start, end: literal.position.end };
  return { ...literal, position, value: sign === '-' ? -literal.value : literal.value };
}

const UNITS = ['y', 'w', 'd', 'h', 'm', 's', 'ms'];
const UNIT_NANOSECONDS: readonly bigint[] = [
  31_536_000_000_000_000n,
  604_800_000_000_000n,
  86_400_000_000_000n,
  3_600_000_000_000n,
  60_000_000_000n,
  1_000_000_000n,
  1_000_000n,
];
const LONGEST_NANOSECONDS = 2n ** 63n;

/** Units fall, each at most once; nanoseconds must fit 63 bits. */
function durationSeconds(text: string, fail: (why: string) => never): number {
  const invalid = `not a valid duration string: ${quoteText(text)}`;
  if (text.startsWith('.')) fail(invalid);
  let total = 0n;
  let last = -1;
  for (const [, count = '', unit = ''] of text.matchAll(/(\d+)(\D+)/g)) {
    const index = UNITS.indexOf(unit);
    if (BigInt(count) >= 2n ** 64n) fail(invalid);
    if (index < 0) fail(`unknown unit ${quoteText(unit)} in duration ${quoteText(text)}`);
    if (index <= last) fail(invalid);
    last = index;
    const unitNanoseconds = UNIT_NANOSECONDS[index] as bigint;
    total += BigInt(count) * unitNanoseconds;
    if (BigInt(count) > LONGEST_NANOSECONDS / unitNanoseconds || total >= LONGEST_NANOSECONDS) {
      fail('duration out of range');
    }
  }
  return nanosecondsToSeconds(total);
}

/** As Go's Duration.Seconds: whole seconds and the rest are added as floats. */
function nanosecondsToSeconds(nanoseconds: bigint): number {
  const second = 1_000_000_000n;
  return Number(nanoseconds / second) + Number(nanoseconds % second) / 1e9;
}
