/** Starts the gRPC server of a command from its options, with health and metrics; it ends with the command. */
import { Kernel } from '../base/kernel.ts';
import type { GrpcServices } from '../transport/grpc.ts';
import { messageEncodings } from '../transport/grpc-compression.ts';
import { healthMethods, ServingState } from '../transport/grpc-health.ts';
import { grpcMetrics } from '../transport/grpc-metrics.ts';
import { GrpcServer } from '../transport/grpc-server.ts';
import { TlsFiles } from '../transport/grpc-tls.ts';
import { readKernelModule } from '../world/kernel-module.ts';
import type { CommandContext } from './command.ts';
import { usageError } from './options.ts';
import type { GrpcServerValues } from './shared-options.ts';

/** Resolves to the port. Throws OperationError for an address that cannot be had and for TLS files that do not fit. */
export async function serveGrpc(
  context: CommandContext,
  values: GrpcServerValues,
  services: GrpcServices,
): Promise<number> {
  const { clock, random, metrics, tracer, readiness, resources, logger } = context;
  const serving = new ServingState(readiness.isReady);
  resources.defer(readiness.onChange((isReady) => serving.set(isReady)));
  const names = [...new Set([...services.keys()].map((path) => path.split('/')[1]))];
  const tls = tlsFiles(context, values);
  const server = new GrpcServer({
    services: new Map([...services, ...healthMethods(serving, names)]),
    clock,
    random,
    encodings: messageEncodings(new Kernel(readKernelModule(), 256 << 20)),
    maxConnectionAgeMs: values.grpcMaxConnectionAgeMs,
    observer: grpcMetrics(metrics, 'server', clock),
    tracer,
    ...(tls === undefined ? {} : { tls }),
  });
  const colon = values.grpcAddress.lastIndexOf(':');
  const host = values.grpcAddress.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = await server.listen(host, Number(values.grpcAddress.slice(colon + 1)));
  resources.defer(() => server.close(values.grpcGracePeriodMs));
  logger.info('listening for gRPC', { address: `${host}:${port}`, tls: tls !== undefined });
  return port;
}

function tlsFiles({ files }: CommandContext, values: GrpcServerValues): TlsFiles | undefined {
  const { grpcTlsCert, grpcTlsKey, grpcTlsClientCa, grpcTlsMinVersion } = values;
  if (grpcTlsCert === '' && grpcTlsKey === '') {
    if (grpcTlsClientCa === '') return undefined;
    throw usageError('--grpc-server-tls-client-ca needs --grpc-server-tls-cert and -key');
  }
  if (grpcTlsCert === '' || grpcTlsKey === '') {
    throw usageError('--grpc-server-tls-cert and --grpc-server-tls-key belong together: give both');
  }
  return new TlsFiles(files, {
    cert: grpcTlsCert,
    key: grpcTlsKey,
    ca: grpcTlsClientCa,
    minVersion: grpcTlsMinVersion,
  });
}
