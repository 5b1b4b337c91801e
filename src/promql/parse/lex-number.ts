/**
 * Where numbers and durations end. More is taken for a number than is one: the parser says what is wrong with it.
 * Source: the lexer of Prometheus' promql/parser.
 */
import { isAlphaNumeric, type Scanner } from './scanner.ts';

const DECIMAL = '0123456789';
const HEX = '0123456789abcdefABCDEF';

/** False leaves the scanner where the number went wrong, which the message shows. */
export function scanNumber(scanner: Scanner): boolean {
  const begin = scanner.at;
  let digits = DECIMAL;
  if (scanner.accept('0') && scanner.accept('xX')) {
    scanner.accept('_');
    digits = HEX;
  }
  scanner.accept('.');
  scanner.accept(digits);
  const seen = { point: false, exponent: false };
  while (scanner.peek() !== '' && `${digits}._eE`.includes(scanner.peek())) {
    if (!scanPart(scanner, digits, seen)) return false;
  }
  return scanner.at > begin && !isAlphaNumeric(scanner.peek());
}

function scanPart(
  scanner: Scanner,
  digits: string,
  seen: { point: boolean; exponent: boolean },
): boolean {
  if (scanner.accept('.')) {
    if (seen.point) return false;
    seen.point = true;
    return !scanner.accept('_.') && digits !== HEX;
  }
  if (scanner.accept('eE')) {
    if (seen.exponent) return false;
    seen.exponent = true;
    scanner.accept('+-');
    return !scanner.accept('._eE') && scanner.peek() !== '';
  }
  if (scanner.accept('_')) return !scanner.accept('._eE') && scanner.peek() !== '';
  while (scanner.accept(digits)) {
    // All of them.
  }
  return true;
}

/** The unit behind the number just read, and further parts (`30m` of `1h30m`). */
export function scanRestOfDuration(scanner: Scanner): boolean {
  if (!scanner.accept('smhdwy')) return false;
  scanner.accept('s');
  while (scanner.accept(DECIMAL)) {
    while (scanner.accept(DECIMAL)) {
      // All of them.
    }
    if (!scanner.accept('smhdw')) return false;
    scanner.accept('s');
  }
  if (!isAlphaNumeric(scanner.peek())) return true;
  // The message shows what follows, too.
  scanner.next();
  return false;
}
