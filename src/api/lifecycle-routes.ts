/**
 * Routes of a Prometheus server outside its API: probes, reload, quit; and what a route answers while the server is not
 * ready. Source: Prometheus web/web.go.
 */
import { errorText } from '../base/errors.ts';
import type { Readiness } from '../telemetry/readiness.ts';
import { type HttpAnswer, type HttpRoute, textAnswer } from '../transport/http-route.ts';
import { GET, POST_OR_PUT } from './api-route.ts';

export interface LifecycleApi {
  readonly readiness: Readiness;
  readonly isStopping: () => boolean;
  readonly isEnabled: boolean;
  /** Rejects when the configuration is wrong: then the former one stays. */
  readonly reload: () => Promise<void>;
  readonly quit: () => void;
}

export function lifecycleRoutes(api: LifecycleApi): readonly HttpRoute[] {
  const change = (path: string, action: () => Promise<HttpAnswer>): HttpRoute[] => [
    {
      methods: POST_OR_PUT,
      path,
      handler: path,
      handle: async () =>
        api.isEnabled ? action() : textAnswer(403, 'Lifecycle API is not enabled.'),
    },
    {
      methods: GET,
      path,
      handler: path,
      handle: () => textAnswer(405, 'Only POST or PUT requests allowed'),
    },
  ];
  return [
    {
      methods: GET,
      path: '/-/healthy',
      handler: '/-/healthy',
      handle: () => textAnswer(200, 'Prometheus Server is Healthy.\n'),
    },
    whenReady(api, {
      methods: GET,
      path: '/-/ready',
      handler: '/-/ready',
      handle: () => textAnswer(200, 'Prometheus Server is Ready.\n'),
    }),
    ...change('/-/reload', async () => {
      try {
        await api.reload();
        return { status: 200 };
      } catch (error) {
        return textAnswer(500, `failed to reload config: ${errorText(error)}\n`);
      }
    }),
    ...change('/-/quit', async () => {
      api.quit();
      return textAnswer(200, 'Requesting termination... Goodbye!');
    }),
  ];
}

/** The route, answering 503 while the server starts or stops. */
export function whenReady(
  { readiness, isStopping }: Pick<LifecycleApi, 'readiness' | 'isStopping'>,
  route: HttpRoute,
): HttpRoute {
  return {
    ...route,
    handle(request) {
      if (readiness.isReady) return route.handle(request);
      const headers = {
        'content-type': 'text/plain; charset=utf-8',
        'x-prometheus-stopping': String(isStopping()),
      };
      return { status: 503, headers, body: 'Service Unavailable' };
    },
  };
}

/** What takes samples from outside, where nothing does: Prometheus' words for a receiver that is off. */
export function receiverRoutes(): readonly HttpRoute[] {
  const off = (path: string, what: string, flag: string): HttpRoute => ({
    methods: ['POST'],
    path,
    handler: path,
    handle: () => textAnswer(404, `${what} write receiver needs to be enabled with --${flag}\n`),
  });
  return [
    off('/api/v1/write', 'remote', 'web.enable-remote-write-receiver'),
    off('/api/v1/otlp/v1/metrics', 'otlp', 'web.enable-otlp-receiver'),
  ];
}
