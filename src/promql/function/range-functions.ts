/**
 * The functions over range vectors. Floats go through a kernel where there is one; windows that hold
 * histograms go through `mixed`, which gets what the floats alone gave.
 */
import type { KernelExports } from '../../base/kernel-exports.ts';
import type { FloatHistogram } from '../../model/histogram.ts';
import { medianDeviation, smoothExponentially, timeOfExtreme } from './float-windows.ts';
import { floatCount, histogramCount, type Window } from './window.ts';
import type { WindowContext } from './window-context.ts';
import {
  averageHistograms,
  countChanges,
  countResets,
  firstSample,
  floatsOnly,
  lastSample,
  sumHistograms,
  timeOfFirst,
  timeOfLast,
} from './window-over-time.ts';
import { extrapolatedRate, instantRate, type RateKind } from './window-rate.ts';

export type WindowKernel = {
  [Name in keyof KernelExports]: Name extends `window${string}` ? Name : never;
}[keyof KernelExports];

export type WindowResult = number | FloatHistogram | undefined;

type MixedFunction = (
  context: WindowContext,
  window: Window,
  float: number | undefined,
) => WindowResult;

export interface RangeFunction {
  readonly kernel: WindowKernel | undefined;
  /** For floats where there is no kernel. Undefined parameters are those that the call does not have. */
  readonly floats?: (window: Window, parameters: readonly number[]) => number | undefined;
  /** For windows with at least one histogram. */
  readonly mixed: MixedFunction;
  /** How rate-like functions treat anchored and smoothed selectors and start timestamps. */
  readonly rate?: RateKind;
  /** Resets can be told from start timestamps. */
  readonly seesStartTimes?: boolean;
  /** Keeps the metric's name. */
  readonly keepsName?: boolean;
}

const counterRate: RateKind = { isCounter: true, isRate: true };
const counterIncrease: RateKind = { isCounter: true, isRate: false };
const gaugeDelta: RateKind = { isCounter: false, isRate: false };

function rateFunction(kernel: WindowKernel, rate: RateKind): RangeFunction {
  return {
    kernel,
    rate,
    seesStartTimes: rate.isCounter,
    mixed: (context, window) => extrapolatedRate(context, window, rate),
  };
}

function ofFloats(kernel: WindowKernel): RangeFunction {
  return { kernel, mixed: floatsOnly };
}

/** deriv, predict_linear and smoothing need two floats; a single one beside histograms is remarked on. */
const floatPairs: MixedFunction = (context, window, float) => {
  if (floatCount(window) > 0) context.infoIgnoredHistograms();
  return float;
};

const windowStart = (window: Window): { float: number; histogram: number } => ({
  float: window.first,
  histogram: window.firstHistogram,
});

const FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  rate: rateFunction('windowRate', counterRate),
  increase: rateFunction('windowIncrease', counterIncrease),
  delta: rateFunction('windowDelta', gaugeDelta),
  irate: {
    kernel: 'windowIrate',
    seesStartTimes: true,
    mixed: (context, window) => instantRate(context, window, true),
  },
  idelta: {
    kernel: 'windowIdelta',
    mixed: (context, window) => instantRate(context, window, false),
  },
  deriv: { kernel: 'windowDeriv', mixed: floatPairs },
  predict_linear: { kernel: 'windowPredictLinear', mixed: floatPairs },
  double_exponential_smoothing: {
    kernel: undefined,
    floats: (window, [smoothing, trend]) =>
      smoothExponentially(window, smoothing as number, trend as number),
    mixed: floatPairs,
  },
  changes: {
    kernel: 'windowChanges',
    mixed: (_, window) => countChanges(window, windowStart(window)),
  },
  resets: {
    kernel: 'windowResets',
    seesStartTimes: true,
    mixed: (_, window) => countResets(window, windowStart(window)),
  },
  sum_over_time: { kernel: 'windowSumOverTime', mixed: sumHistograms },
  avg_over_time: { kernel: 'windowAvgOverTime', mixed: averageHistograms },
  min_over_time: ofFloats('windowMinOverTime'),
  max_over_time: ofFloats('windowMaxOverTime'),
  stddev_over_time: ofFloats('windowStddevOverTime'),
  stdvar_over_time: ofFloats('windowStdvarOverTime'),
  quantile_over_time: ofFloats('windowQuantileOverTime'),
  mad_over_time: { kernel: undefined, floats: medianDeviation, mixed: floatsOnly },
  count_over_time: {
    kernel: 'windowCountOverTime',
    mixed: (_, window) => floatCount(window) + histogramCount(window),
  },
  present_over_time: { kernel: 'windowPresentOverTime', mixed: () => 1 },
  absent_over_time: { kernel: 'windowPresentOverTime', mixed: () => 1 },
  first_over_time: {
    kernel: 'windowFirstOverTime',
    mixed: (_, window) => firstSample(window),
    keepsName: true,
  },
  last_over_time: {
    kernel: 'windowLastOverTime',
    mixed: (_, window) => lastSample(window),
    keepsName: true,
  },
  ts_of_first_over_time: {
    kernel: undefined,
    floats: timeOfFirst,
    mixed: (_, window) => timeOfFirst(window),
  },
  ts_of_last_over_time: {
    kernel: undefined,
    floats: timeOfLast,
    mixed: (_, window) => timeOfLast(window),
  },
  ts_of_min_over_time: {
    kernel: undefined,
    floats: (window) => timeOfExtreme(window, -1),
    mixed: floatsOnly,
  },
  ts_of_max_over_time: {
    kernel: undefined,
    floats: (window) => timeOfExtreme(window, 1),
    mixed: floatsOnly,
  },
};

export function rangeFunction(name: string): RangeFunction | undefined {
  return Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
}

/** Functions that `anchored` and `smoothed` selectors may be given to, by name. */
export const ANCHORED_FUNCTIONS: readonly string[] = [
  'changes',
  'delta',
  'increase',
  'rate',
  'resets',
];
export const SMOOTHED_FUNCTIONS: readonly string[] = ['delta', 'increase', 'rate'];
