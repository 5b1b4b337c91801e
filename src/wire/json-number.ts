/**
 * A number as Prometheus' HTTP API writes it within quotes: the shortest digits, with an exponent of two digits
 * or more below 1e-6 and from 1e21 on.
 */
export function apiNumber(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  if (Object.is(value, -0)) return '-0';
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** A time in milliseconds as seconds: three decimals, or none when they are zero. */
export function apiTime(timeMs: number): string {
  return timeMs % 1000 === 0 ? String(timeMs / 1000) : (timeMs / 1000).toFixed(3);
}
