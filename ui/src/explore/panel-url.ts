/**
 * Panels in the search part of a URL: flat keys `g0.expr`, `g0.tab`, … as Thanos writes them; those of
 * Prometheus are read too. Sources: Thanos pkg/ui/react-app/src/utils, Prometheus mantine-ui urlStateEncoding.
 */
import { parsePrometheusDuration, printDuration } from '../../../src/model/duration.ts';
import { type Density, NEW_PANEL, type Panel, type PanelTab } from './panel.ts';

export type SearchParameters = Readonly<Record<string, string>>;

export interface PanelDefaults {
  readonly isDeduplicated: boolean;
  readonly isPartialAllowed: boolean;
}

const PANEL_KEY = /^g(\d+)\.(.+)$/;

/** The panels in a URL, in order; a gap in their numbers closes. A link without a tab means the table. */
export function readPanels(search: SearchParameters, defaults?: PanelDefaults): readonly Panel[] {
  const byNumber = new Map<number, Record<string, string>>();
  for (const [key, value] of Object.entries(search)) {
    const match = PANEL_KEY.exec(key);
    if (match === null) continue;
    const number = Number(match[1]);
    byNumber.set(number, { ...byNumber.get(number), [match[2]]: value });
  }
  return [...byNumber]
    .sort(([a], [b]) => a - b)
    .filter(([, keys]) => keys.expr !== undefined)
    .map(([, keys]) => readPanel(keys, { ...NEW_PANEL, tab: 'table', ...defaults }));
}

/** The search part for panels: keys that are no panel's stay as they are. */
export function writePanels(
  panels: readonly Panel[],
  search: SearchParameters = {},
): Record<string, string> {
  const others = Object.entries(search).filter(([key]) => !PANEL_KEY.test(key));
  const own = panels.flatMap((panel, i) =>
    Object.entries(writePanel(panel)).map(([key, value]) => [`g${i}.${key}`, value]),
  );
  return Object.fromEntries([...own, ...others]);
}

type Reader = (value: string, panel: Panel, keys: SearchParameters) => Partial<Panel>;

const READERS: Readonly<Record<string, Reader>> = {
  expr: (expr) => ({ expr }),
  tab: (value, panel) => ({ tab: readTab(value) ?? panel.tab }),
  display_mode: (value, panel, keys) => readDisplayMode(value, readTab(keys.tab) ?? panel.tab),
  stacked: (value) => ({ isStacked: value === '1' }),
  y_axis_min: (value) => ({ isZeroBased: value !== '' && Number(value) === 0 }),
  show_exemplars: (value) => ({ showsExemplars: value === '1' }),
  range_input: (value, { rangeMs }) => ({ rangeMs: positive(durationOf(value)) ?? rangeMs }),
  end_input: (value, { endMs }) => ({ endMs: parseUtc(value) ?? endMs }),
  moment_input: (value, { endMs }) => ({ endMs: parseUtc(value) ?? endMs }),
  step_input: (value) => ({ stepMs: stepOfText(value) }),
  res_type: (value, { stepMs }, keys) => readResolution(value, stepMs, keys),
  res_density: () => ({}),
  res_step: () => ({}),
  max_source_resolution: (value) => ({ maxSourceResolution: value }),
  deduplicate: (value) => ({ isDeduplicated: value === '1' }),
  partial_response: (value) => ({ isPartialAllowed: value === '1' }),
  store_matches: (value) => ({ stores: readStores(value) }),
  engine: (engine) => ({ engine }),
  analyze: (value) => ({ isAnalyzed: value === '1' }),
  tenant: (tenant) => ({ tenant }),
};

/** Readers run in their own order: later keys of Prometheus overrule older ones. */
function readPanel(keys: SearchParameters, initial: Panel): Panel {
  let panel = initial;
  for (const [key, read] of Object.entries(READERS)) {
    const value = keys[key];
    if (value !== undefined) panel = { ...panel, ...read(value, panel, keys) };
  }
  const others = Object.entries(keys).filter(([key]) => !(key in READERS));
  return { ...panel, otherKeys: Object.fromEntries(others) };
}

function writePanel(panel: Panel): Record<string, string> {
  const time = panel.endMs === undefined ? undefined : printUtc(panel.endMs);
  const keys: Record<string, string | undefined> = {
    expr: panel.expr,
    tab: TAB_TEXTS[panel.tab],
    display_mode: panel.tab === 'heatmap' ? 'heatmap' : undefined,
    stacked: flag(panel.isStacked),
    y_axis_min: panel.isZeroBased ? '0' : undefined,
    show_exemplars: panel.showsExemplars ? '1' : undefined,
    range_input: printDuration(panel.rangeMs),
    end_input: time,
    moment_input: time,
    step_input: panel.stepMs === undefined ? undefined : String(panel.stepMs / 1000),
    ...(panel.density === 'medium' ? {} : { res_type: 'auto', res_density: panel.density }),
    max_source_resolution: panel.maxSourceResolution,
    deduplicate: flag(panel.isDeduplicated),
    partial_response: flag(panel.isPartialAllowed),
    store_matches: JSON.stringify(panel.stores.map((name) => ({ name }))),
    engine: panel.engine === '' ? undefined : panel.engine,
    analyze: flag(panel.isAnalyzed),
    tenant: panel.tenant === '' ? undefined : panel.tenant,
    ...panel.otherKeys,
  };
  const written = Object.entries(keys).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined;
  });
  return Object.fromEntries(written);
}

/** Thanos knows two tabs by numbers; the others are named as Prometheus names them. */
const TAB_TEXTS: Readonly<Record<PanelTab, string>> = {
  graph: '0',
  table: '1',
  heatmap: '0',
  explain: 'explain',
};

function readTab(value: string | undefined): PanelTab | undefined {
  switch (value) {
    case '0':
    case 'graph':
      return 'graph';
    case '1':
    case 'table':
      return 'table';
    case 'heatmap':
    case 'explain':
      return value;
    default:
      return undefined;
  }
}

function readDisplayMode(value: string, tab: PanelTab): Partial<Panel> {
  if (value === 'heatmap' && tab === 'graph') return { tab: 'heatmap' };
  return value === 'stacked' ? { isStacked: true } : {};
}

function readResolution(
  type: string,
  stepMs: number | undefined,
  { res_density: density, res_step: step }: SearchParameters,
): Partial<Panel> {
  if (type !== 'auto') return { stepMs: stepOfText(step ?? '') ?? stepMs };
  return { stepMs: undefined, ...(isDensity(density) ? { density } : {}) };
}

function isDensity(value: string | undefined): value is Density {
  return value === 'low' || value === 'medium' || value === 'high';
}

function readStores(value: string): readonly string[] {
  try {
    const list: unknown = JSON.parse(value);
    if (!Array.isArray(list)) return [];
    return list.map((store) => store?.name).filter((name) => typeof name === 'string');
  } catch {
    return [];
  }
}

/** Seconds, or a duration. */
function stepOfText(value: string): number | undefined {
  const seconds = Number(value);
  if (value !== '' && Number.isFinite(seconds)) return positive(Math.round(seconds * 1000));
  return positive(durationOf(value));
}

function durationOf(value: string): number | undefined {
  return parsePrometheusDuration(value);
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function flag(value: boolean): string {
  return value ? '1' : '0';
}

const UTC_FORM =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?$/;

/** Later ones have more than four digits in their year, and from 275760 on there is no Date. */
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** `2026-11-24 15:04:05` is UTC, as in links of Thanos and Prometheus; also RFC 3339 and Unix seconds. */
export function parseUtc(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const time = Math.round(Number(text) * 1000);
    return time <= LATEST_MS ? time : undefined;
  }
  const match = UTC_FORM.exec(text.trim());
  if (match === null) return undefined;
  const time = Date.parse(`${match[1]}T${match[2]}${match[3] ?? 'Z'}`);
  return Number.isNaN(time) ? undefined : time;
}

export function printUtc(timeMs: number): string {
  return new Date(timeMs)
    .toISOString()
    .replace('T', ' ')
    .replace(/(\.000)?Z$/, '');
}
