/** Options that several commands have, spelled as in Thanos. */

import type { LogFormat, LogLevel } from '../telemetry/logger.ts';
import { decimal, duration, hostPort, oneOf, path, text } from './option-forms.ts';
import {
  type ContentSource,
  many,
  type Option,
  type OptionValues,
  one,
  pathOrContent,
  section,
  toggle,
} from './options.ts';

/** Of every command; they may stand before its name. */
export const globalOptions: {
  readonly logLevel: Option<LogLevel>;
  readonly logFormat: Option<LogFormat>;
  readonly autoMemoryLimit: Option<boolean>;
  readonly autoMemoryRatio: Option<number>;
} = section('Logging', {
  logLevel: one({
    flag: 'log.level',
    value: oneOf('error', 'warn', 'info', 'debug'),
    initial: 'info',
    help: 'The least important lines that are printed: error, warn, info or debug.',
  }),
  logFormat: one({
    flag: 'log.format',
    value: oneOf('logfmt', 'json'),
    initial: 'logfmt',
    help: 'How lines are printed: logfmt or json.',
  }),
  autoMemoryLimit: toggle({
    flag: 'enable-auto-gomemlimit',
    initial: false,
    hidden: true,
    help: 'Accepted and ignored: Node finds its memory limit by itself.',
  }),
  autoMemoryRatio: one({
    flag: 'auto-gomemlimit.ratio',
    value: decimal,
    initial: '0.9',
    hidden: true,
    help: 'Accepted and ignored, as --enable-auto-gomemlimit.',
  }),
});

export type GlobalValues = OptionValues<typeof globalOptions>;

export const httpOptions: {
  readonly httpAddress: Option<string>;
  readonly httpGracePeriodMs: Option<number>;
  readonly httpConfigPath: Option<string>;
} = section('HTTP server', {
  httpAddress: one({
    flag: 'http-address',
    value: hostPort,
    initial: '0.0.0.0:10902',
    help: 'Where HTTP is served: API, probes, metrics.',
  }),
  httpGracePeriodMs: one({
    flag: 'http-grace-period',
    value: duration,
    initial: '2m',
    help: 'How long running HTTP requests may go on after an interrupt.',
  }),
  httpConfigPath: one({
    flag: 'http.config',
    value: path,
    initial: '',
    help: 'Web configuration file with TLS, users and headers of HTTP, as Prometheus has it. Read again when it changes.',
  }),
});

export type HttpValues = OptionValues<typeof httpOptions>;

export const grpcServerOptions: {
  readonly grpcAddress: Option<string>;
  readonly grpcGracePeriodMs: Option<number>;
  readonly grpcTlsCert: Option<string>;
  readonly grpcTlsKey: Option<string>;
  readonly grpcTlsClientCa: Option<string>;
  readonly grpcTlsMinVersion: Option<'1.0' | '1.1' | '1.2' | '1.3'>;
  readonly grpcTlsCiphers: Option<readonly string[]>;
  readonly grpcTlsCurves: Option<readonly string[]>;
  readonly grpcMaxConnectionAgeMs: Option<number>;
} = section('gRPC server', {
  grpcAddress: one({
    flag: 'grpc-address',
    value: hostPort,
    initial: '0.0.0.0:10901',
    help: 'Where gRPC (StoreAPI) is served. Other components must be able to reach it.',
  }),
  grpcGracePeriodMs: one({
    flag: 'grpc-grace-period',
    value: duration,
    initial: '2m',
    help: 'How long running gRPC calls may go on after an interrupt.',
  }),
  grpcTlsCert: one({
    flag: 'grpc-server-tls-cert',
    value: path,
    initial: '',
    help: 'Certificate of the gRPC server; without it there is no TLS.',
  }),
  grpcTlsKey: one({
    flag: 'grpc-server-tls-key',
    value: path,
    initial: '',
    help: 'Private key of the gRPC server; without it there is no TLS.',
  }),
  grpcTlsClientCa: one({
    flag: 'grpc-server-tls-client-ca',
    value: path,
    initial: '',
    help: 'CA that clients of gRPC must be signed by; without it they need no certificate.',
  }),
  grpcTlsMinVersion: one({
    flag: 'grpc-server-tls-min-version',
    value: oneOf('1.0', '1.1', '1.2', '1.3'),
    initial: '1.3',
    help: 'Oldest TLS version of the gRPC server.',
  }),
  grpcTlsCiphers: many({
    flag: 'grpc-server-tls-ciphers',
    value: text,
    help: "TLS cipher suite of the gRPC server, by Go's name. Default: those of the runtime.",
  }),
  grpcTlsCurves: many({
    flag: 'grpc-server-tls-curves',
    value: text,
    help: 'TLS curve of the gRPC server: CurveP256, CurveP384, CurveP521 or X25519. Default: those of the runtime.',
  }),
  grpcMaxConnectionAgeMs: one({
    flag: 'grpc-server-max-connection-age',
    value: duration,
    initial: '60m',
    help: 'Connections older than this are closed in good order, so that clients look up addresses anew and spread.',
  }),
});

export const tracingOptions: { readonly tracing: Option<ContentSource | undefined> } = section(
  'Tracing',
  {
    tracing: pathOrContent({
      flag: 'tracing.config',
      help: 'YAML that says what is traced and where traces are sent; its type must be OTLP.',
    }),
  },
);

export type GrpcServerValues = OptionValues<typeof grpcServerOptions>;
