/** Starts the HTTP server of a command from its options; it ends with the command. */
import type { HttpRoute } from '../transport/http-route.ts';
import { type HttpServer, startHttpServer } from '../transport/http-server.ts';
import type { CommandContext } from './command.ts';
import type { HttpValues } from './shared-options.ts';

export interface ServeHttpOptions {
  readonly routes: readonly HttpRoute[];
  readonly routePrefix?: string;
  readonly allowOtherOrigins?: boolean;
  readonly maxBodyBytes?: number;
}

export async function serveHttp(
  context: CommandContext,
  values: HttpValues,
  { routes, routePrefix = '', allowOtherOrigins = false, ...more }: ServeHttpOptions,
): Promise<HttpServer> {
  const { metrics, readiness, logger, clock, files, resources } = context;
  const server = await startHttpServer({
    address: values.httpAddress,
    gracePeriodMs: values.httpGracePeriodMs,
    webConfigPath: values.httpConfigPath,
    routePrefix,
    allowOtherOrigins,
    routes,
    metrics,
    readiness,
    logger,
    clock,
    files,
    ...more,
  });
  return resources.use(server);
}
