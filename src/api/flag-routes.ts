/** The flags of a process: /api/v1/status/flags as Prometheus has it, and beside it what each is for. */
import type { HttpRoute } from '../transport/http-route.ts';
import { apiRoute, GET } from './api-route.ts';
import { dataAnswer } from './envelope.ts';

export interface FlagHelp {
  readonly name: string;
  /** Whole sentences. */
  readonly help: string;
  /** As it would be written on the command line; undefined where there is none. */
  readonly initial?: string;
  readonly section: string;
  readonly isHidden: boolean;
}

export interface FlagApi {
  /** Flag → value as text, secrets already hidden. */
  readonly flags: Readonly<Record<string, string>>;
  readonly knownFlags: readonly FlagHelp[];
}

/** @param handler of the first route, in the http_* metrics. */
export function flagRoutes({ flags, knownFlags }: FlagApi, handler: string): readonly HttpRoute[] {
  const path = '/api/v1/status/flags';
  const shown = knownFlags.filter(({ name, isHidden }) => !isHidden && name in flags);
  const help = shown.map(({ name, help: text, initial = null, section }) => [
    name,
    { default: initial, help: text, section },
  ]);
  return [
    apiRoute({ methods: GET, path, handler, action: () => dataAnswer(flags) }),
    apiRoute({
      methods: GET,
      path: `${path}/help`,
      handler: `${handler}_help`,
      action: () => dataAnswer(Object.fromEntries(help)),
    }),
  ];
}
