/** One query of the page and how it is asked and shown. All of it stands in the URL. */

export type PanelTab = 'table' | 'graph' | 'heatmap' | 'explain';
/** How many steps a range gets when no step is typed. */
export type Density = 'low' | 'medium' | 'high';

export interface Panel {
  readonly expr: string;
  readonly tab: PanelTab;
  readonly isStacked: boolean;
  /** The axis starts at 0. */
  readonly isZeroBased: boolean;
  readonly showsExemplars: boolean;
  readonly rangeMs: number;
  /** The end of the range and the time of instant queries; undefined: now. */
  readonly endMs: number | undefined;
  /** Undefined: chosen by range, width and density. */
  readonly stepMs: number | undefined;
  readonly density: Density;
  /** `0s`, `5m`, `1h` or `auto`. */
  readonly maxSourceResolution: string;
  readonly isDeduplicated: boolean;
  readonly isPartialAllowed: boolean;
  /** Addresses of the only stores to ask; none: all of them. */
  readonly stores: readonly string[];
  /** Asks the server to measure every part of the query. */
  readonly isAnalyzed: boolean;
  /** Kept from links of Thanos; only servers that know tenants look at it. */
  readonly tenant: string;
  /** Kept from links of Thanos; there is one engine here. */
  readonly engine: string;
  /** Keys that others wrote: kept as they are. */
  readonly otherKeys: Readonly<Record<string, string>>;
}

export const NEW_PANEL: Panel = {
  expr: '',
  tab: 'graph',
  isStacked: false,
  isZeroBased: false,
  showsExemplars: false,
  rangeMs: 3_600_000,
  endMs: undefined,
  stepMs: undefined,
  density: 'medium',
  maxSourceResolution: '0s',
  isDeduplicated: true,
  isPartialAllowed: true,
  stores: [],
  isAnalyzed: false,
  tenant: '',
  engine: '',
  otherKeys: {},
};

export const RANGES_MS: readonly number[] = [
  1_000,
  10_000,
  60_000,
  300_000,
  900_000,
  1_800_000,
  3_600_000,
  2 * 3_600_000,
  6 * 3_600_000,
  12 * 3_600_000,
  86_400_000,
  2 * 86_400_000,
  7 * 86_400_000,
  14 * 86_400_000,
  28 * 86_400_000,
  56 * 86_400_000,
  182 * 86_400_000,
  364 * 86_400_000,
  730 * 86_400_000,
];

/** The next shorter or longer range of the usual ones. */
export function nextRange(rangeMs: number, direction: 'shorter' | 'longer'): number {
  const next =
    direction === 'longer'
      ? RANGES_MS.find((other) => other > rangeMs)
      : RANGES_MS.findLast((other) => other < rangeMs);
  return next ?? rangeMs;
}

const STEPS_PER_PIXEL: Readonly<Record<Density, number>> = { low: 1 / 8, medium: 1 / 4, high: 1 };
const STEPS_MIN = 50;
const STEPS_MAX = 2000;
/** More steps than this are refused by servers. */
export const STEPS_LIMIT: number = 11_000;

const ROUND_STEPS_S = [
  1, 2, 3, 4, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800,
  14_400, 21_600, 43_200, 86_400,
];

/** The step of a range query that gives a graph of some width about as many steps as its density wants. */
export function automaticStepMs(rangeMs: number, widthPx: number, density: Density): number {
  const wanted = Math.min(Math.max(widthPx * STEPS_PER_PIXEL[density], STEPS_MIN), STEPS_MAX);
  const seconds = rangeMs / 1000 / wanted;
  const round =
    ROUND_STEPS_S.find((step) => step >= seconds) ?? Math.ceil(seconds / 86_400) * 86_400;
  return round * 1000;
}

/** The step of a panel's range query: the one that is typed, or one that fits. */
export function stepOf(panel: Panel, widthPx: number): number {
  const { rangeMs, stepMs, density } = panel;
  return stepMs ?? automaticStepMs(rangeMs, widthPx, density);
}

export function movePanel(
  panels: readonly Panel[],
  from: number,
  direction: 'up' | 'down',
): readonly Panel[] {
  const to = direction === 'up' ? from - 1 : from + 1;
  if (to < 0 || to >= panels.length) return panels;
  const moved = [...panels];
  [moved[from], moved[to]] = [moved[to], moved[from]];
  return moved;
}
