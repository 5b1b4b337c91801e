/** What deduplication did, in sentences. */
import type { Catalogue } from '../text/catalogue.ts';
import type { Formats } from '../text/use-text.ts';
import type { Provenance } from './provenance.ts';

export function whatHappened(
  { lanes, result, filled, left: gaps, switches, suppliers }: Provenance,
  text: Catalogue['replicas']['said'],
  { count, duration }: Pick<Formats, 'count' | 'duration'>,
): string {
  const samples = result.times.length;
  if (samples === 0) return text.nothing;
  const foreign = suppliers.filter((lane) => lane < 0).length;
  const empty = gaps.filter(({ held }) => held.length === 0).length;
  const short = gaps.length - empty;
  const left = [
    ...(short === 0 ? [] : [text.leftShort(count(short))]),
    ...(empty === 0 ? [] : [text.left(count(empty))]),
  ];
  const odd = foreign === 0 ? [] : [text.foreign(count(foreign))];
  if (lanes.length < 2) return [text.single(count(samples)), ...left, ...odd].join(' ');
  const all = lanes.reduce((sum, { times }) => sum + times.length, 0);
  const filledMs = filled.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  const hasGaps = lanes.some(({ gaps }) => gaps.length > 0);
  return [
    text.folded(count(samples), count(all), count(lanes.length)),
    switches === 0 ? text.noSwitch : text.switches(count(switches)),
    ...(filled.length > 0
      ? [text.filled(count(filled.length), duration(Math.round(filledMs / 1000) * 1000))]
      : []),
    ...(hasGaps ? [] : [text.noGaps]),
    ...left,
    ...odd,
  ].join(' ');
}

/** With milliseconds: neighbouring replicas often differ by less than a second. */
export function exactTime(timeMs: number, { time }: Pick<Formats, 'time'>): string {
  const rest = String(((Math.round(timeMs) % 1000) + 1000) % 1000).padStart(3, '0');
  return `${time(Math.floor(timeMs))}.${rest}`;
}
