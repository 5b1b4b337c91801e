import { seededRandom } from '../../base/random.ts';

/** A multiple of 2 h. */
export const START_MS = 1_700_006_400_000;

/** 5 h of three families, with gaps, jitter and odd values. */
export function openMetrics(): string {
  const random = seededRandom(7);
  const lines: string[] = [];
  const series = (name: string, labels: string, next: (i: number) => number): void => {
    for (let i = 0; i < 1200; i++) {
      if (random.next() < 0.01) continue;
      const time = START_MS + i * 15_000 + Math.floor(random.next() * 5);
      lines.push(`${name}{${labels}} ${next(i)} ${(time / 1000).toFixed(3)}`);
    }
  };
  lines.push('# TYPE requests counter');
  for (const job of ['api', 'web', 'db-1', 'db-2']) {
    for (const code of ['200', '404', '500']) {
      let total = 0;
      series(
        'requests_total',
        `job="${job}",code="${code}"`,
        () => (total += Math.floor(random.next() * 9)),
      );
    }
  }
  lines.push('# TYPE heat gauge');
  for (let k = 0; k < 70; k++)
    series('heat', `room="r${k}",empty=""`, () => random.next() * 40 - 3);
  lines.push('# TYPE odd gauge');
  series('odd', 'unit="µ\\"s"', (i) => [1e-7, -0, 1e22, 0.1, 5e-324][i % 5] ?? 0);
  lines.push('# EOF', '');
  return lines.join('\n');
}
