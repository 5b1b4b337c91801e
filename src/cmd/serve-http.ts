/** Starts the HTTP server of a command from its options; it ends with the command. */
import {
  type HttpServer,
  type HttpServerOptions,
  startHttpServer,
} from '../transport/http-server.ts';
import type { CommandContext } from './command.ts';
import type { HttpValues } from './shared-options.ts';

export type ServeHttpOptions = Pick<HttpServerOptions, 'routes'> &
  Partial<
    Pick<
      HttpServerOptions,
      | 'routePrefix'
      | 'areProbesOutside'
      | 'allowOtherOrigins'
      | 'maxBodyBytes'
      | 'otherAddresses'
      | 'maxConnections'
      | 'readTimeoutMs'
      | 'probes'
      | 'observe'
    >
  >;

export async function serveHttp(
  context: CommandContext,
  values: HttpValues,
  { routes, routePrefix = '', allowOtherOrigins = false, ...more }: ServeHttpOptions,
): Promise<HttpServer> {
  const { metrics, tracer, readiness, logger, clock, files, resources } = context;
  const server = await startHttpServer({
    address: values.httpAddress,
    gracePeriodMs: values.httpGracePeriodMs,
    webConfigPath: values.httpConfigPath,
    routePrefix,
    allowOtherOrigins,
    routes,
    metrics,
    tracer,
    readiness,
    logger,
    clock,
    files,
    ...more,
  });
  return resources.use(server);
}
