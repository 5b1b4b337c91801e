/** The texts and formats of the reader's language and time zone, for components. */
import { createContext, useContext, useMemo } from 'react';
import { CATALOGUES, type Catalogue } from './catalogue.ts';
import {
  type FormatSettings,
  formatBytes,
  formatCount,
  formatDuration,
  formatTime,
  formatValue,
  type TimeForm,
} from './format.ts';

/** Provided by the app from the user's settings. */
export const FormatContext = createContext<FormatSettings>({ language: 'en', timeZone: 'UTC' });

export function useText(): Catalogue {
  return CATALOGUES[useContext(FormatContext).language];
}

export interface Formats {
  readonly settings: FormatSettings;
  time(timeMs: number, form?: TimeForm): string;
  duration(durationMs: number): string;
  count(count: number): string;
  bytes(bytes: number): string;
  value(value: number): string;
}

/** The formats of format.ts, with the reader's settings. */
export function useFormats(): Formats {
  const settings = useContext(FormatContext);
  return useMemo(
    () => ({
      settings,
      time: (timeMs, form) => formatTime(timeMs, settings, form),
      duration: formatDuration,
      count: (count) => formatCount(count, settings),
      bytes: formatBytes,
      value: formatValue,
    }),
    [settings],
  );
}
