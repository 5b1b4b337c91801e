/**
 * One hue from the ground to the far end of lightness: order is seen by lightness alone, with or without colour vision,
 * on paper too. Computed in OKLCH, where equal steps look equal.
 */
import type { Scheme } from './palette.ts';

interface End {
  readonly lightness: number;
  readonly chroma: number;
  readonly hue: number;
}

const RAMPS: Readonly<Record<Scheme, readonly [few: End, many: End]>> = {
  light: [
    { lightness: 0.92, chroma: 0.04, hue: 230 },
    { lightness: 0.32, chroma: 0.13, hue: 275 },
  ],
  dark: [
    { lightness: 0.3, chroma: 0.06, hue: 275 },
    { lightness: 0.93, chroma: 0.08, hue: 200 },
  ],
};

const STEPS = 64;

/** From the fewest to the most observations. */
export function heatColours(scheme: Scheme): readonly string[] {
  const [few, many] = RAMPS[scheme];
  return Array.from({ length: STEPS }, (_, i) => {
    const t = i / (STEPS - 1);
    const mix = (a: number, b: number): string => (a + (b - a) * t).toFixed(4);
    const lightness = mix(few.lightness, many.lightness);
    return `oklch(${lightness} ${mix(few.chroma, many.chroma)} ${mix(few.hue, many.hue)})`;
  });
}

/** Which of the colours a count has: by its root, so that few observations beside many are still seen. */
export function heatIndex(count: number, max: number): number {
  if (!(count > 0) || !(max > 0)) return 0;
  return Math.min(Math.floor(Math.sqrt(count / max) * STEPS), STEPS - 1);
}
