/** Where the routes of a component lie, and what leads there. Source: Thanos cmd/thanos/query.go. */
import type { Logger } from '../telemetry/logger.ts';
import { type HttpRoute, redirectAnswer } from '../transport/http-route.ts';

export interface WebValues {
  readonly routePrefix: string;
  readonly externalPrefix: string;
}

export interface WebAddress {
  /** Before every route, without a slash at its end; empty for none. */
  readonly routePrefix: string;
  /** From outside of the prefix to the first page. */
  readonly redirects: readonly HttpRoute[];
}

export function webAddress(
  { routePrefix: given, externalPrefix }: WebValues,
  firstPage: string,
  logger: Logger,
): WebAddress {
  const chosen = given === '' ? externalPrefix : given;
  if (chosen !== externalPrefix) {
    logger.warn(
      'the UI works only behind a proxy that puts --web.external-prefix in the place of --web.route-prefix',
      { routePrefix: given, externalPrefix },
    );
  }
  const inner = chosen.replace(/^\/+|\/+$/g, '');
  if (inner === '') return { routePrefix: '', redirects: [] };
  const routePrefix = `/${inner}`;
  const redirect = (path: string): HttpRoute => ({
    methods: ['GET'],
    path,
    isOutsidePrefix: true,
    handle: () => redirectAnswer(302, `${routePrefix}${firstPage}`),
  });
  return { routePrefix, redirects: [redirect('/'), redirect(routePrefix)] };
}
