import { printExponent, printFixed, printGeneral } from '../../model/number-text.ts';

/** Go's `%.Ng`: at most that many significant digits. */
export function printRounded(value: number, significant: number): string {
  if (value === 0 || !Number.isFinite(value)) return printGeneral(value);
  const rounded = Number(value.toPrecision(significant));
  const exponent = Number(rounded.toExponential().split('e')[1]);
  return exponent < -4 || exponent >= significant ? printExponent(rounded) : printFixed(rounded);
}

/** A label value of OpenMetrics: as `%g`, but always told from an integer by a point or an exponent. */
export function printOpenMetrics(value: number): string {
  const text = printGeneral(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
