/**
 * Numbers as Go writes and reads them. JavaScript finds the same shortest digits, but its exponents, its
 * infinities and its negative zero look different. Source: Go's strconv.FormatFloat and ParseFloat.
 */
import { OperationError } from '../base/errors.ts';
import { quoteText } from './labels-text.ts';

/** 'f' with precision −1: never an exponent. 1e21 gives all its digits. */
export function printFixed(value: number): string {
  if (!Number.isFinite(value)) return printSpecial(value);
  if (Math.abs(value) < 1e21 && (Math.abs(value) >= 1e-6 || value === 0)) {
    return Object.is(value, -0) ? '-0' : String(value);
  }
  const { sign, digits, exponent } = decompose(value);
  return sign + placePoint(digits, exponent);
}

/** 'e' with precision −1: `1e+00`, `1.25e-07`. */
export function printExponent(value: number): string {
  if (!Number.isFinite(value)) return printSpecial(value);
  const { sign, digits, exponent } = decompose(value);
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${sign}${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${size}`;
}

/** 'g' with precision −1, as `%v` and `%g` print: an exponent from 1e+06 and below 0.0001. */
export function printGeneral(value: number): string {
  if (!Number.isFinite(value)) return printSpecial(value);
  const exponent = value === 0 ? 0 : decompose(value).exponent;
  return exponent < -4 || exponent >= 6 ? printExponent(value) : printFixed(value);
}

/** A sample's value in the HTTP API: fixed, with an exponent below 1e-06 and from 1e+21. */
export function printSample(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-6 || size >= 1e21) ? printExponent(value) : printFixed(value);
}

function printSpecial(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

/** value = sign d.ddd × 10^exponent, with the fewest digits that name it. */
function decompose(value: number): { sign: string; digits: string; exponent: number } {
  const [mantissa = '', exponent = ''] = Math.abs(value).toExponential().split('e');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return { sign, digits: mantissa.replace('.', ''), exponent: Number(exponent) };
}

function placePoint(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return digits.length > exponent + 1 ? `${whole}.${digits.slice(exponent + 1)}` : whole;
}

/**
 * Reads a number as ParseInt with base 0 does (`0x1f`, `010` is eight, `1_000`), else as ParseFloat (`1e5`, `.5`,
 * `inf`, `nan` in any case). Throws OperationError 'bad-data' with Go's words.
 */
export function parseNumber(text: string): number {
  const unsigned = text.replace(/^[+-]/, '');
  const magnitude = parseInteger(unsigned) ?? parseFloat64(unsigned);
  if (magnitude === undefined) throw numberError(text, 'invalid syntax');
  if (magnitude === Infinity && !/^inf/i.test(unsigned)) {
    throw numberError(text, 'value out of range');
  }
  return text.startsWith('-') ? -magnitude : magnitude;
}

function numberError(text: string, why: string): OperationError {
  return new OperationError('bad-data', `strconv.ParseFloat: parsing ${quoteText(text)}: ${why}`);
}

const INTEGER_MAX = 2n ** 63n - 1n;

function parseInteger(text: string): number | undefined {
  const [, octal] = /^0_?([0-7]+(?:_[0-7]+)*)$/.exec(text) ?? [];
  const isPlain = /^(0|[1-9]\d*(_\d+)*|0[xX](_?[\da-fA-F]+)+|0[bB](_?[01]+)+|0[oO](_?[0-7]+)+)$/;
  if (octal === undefined && !isPlain.test(text)) return undefined;
  const value = BigInt((octal === undefined ? text : `0o${octal}`).replaceAll('_', ''));
  return value <= INTEGER_MAX ? Number(value) : undefined;
}

function parseFloat64(text: string): number | undefined {
  if (/^inf(inity)?$/i.test(text)) return Infinity;
  if (/^nan$/i.test(text)) return NaN;
  const hex = /^0x(_?[\da-f]+(?:_[\da-f]+)*)?(?:\.([\da-f]*(?:_[\da-f]+)*))?p([+-]?\d+)$/i.exec(
    text,
  );
  if (hex !== null) return parseHexFloat(hex[1] ?? '', hex[2] ?? '', Number(hex[3]));
  const decimal = /^(?=\.?\d)(\d+(_\d+)*)?(\.(\d+(_\d+)*)?)?(e[+-]?\d+(_\d+)*)?$/i;
  return decimal.test(text) ? Number(text.replaceAll('_', '')) : undefined;
}

/** Exact as long as the digits fit 53 bits, which is what anybody writes. */
function parseHexFloat(whole: string, fraction: string, exponent: number): number | undefined {
  const digits = (whole + fraction).replaceAll('_', '');
  if (digits === '') return undefined;
  return Number(BigInt(`0x${digits}`)) * 2 ** (exponent - 4 * fraction.replaceAll('_', '').length);
}
