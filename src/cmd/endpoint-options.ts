/** Options of `tsanos query` about what lies beneath it, spelled as Thanos' querier. */
import { checkAddress, isDynamicAddress } from '../discovery/dns.ts';
import {
  byteSize,
  duration,
  oneOf,
  path,
  text,
  type ValueForm,
  wholeNumber,
} from './option-forms.ts';
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

const address: ValueForm<string> = {
  placeholder: '<endpoint>',
  accepts:
    'an address such as store:10901, dns+store.example:10901 or dnssrv+_grpc._tcp.store.example',
  parse: (given) => (isAddress(given) ? given : undefined),
};

const staticAddress: ValueForm<string> = {
  placeholder: '<endpoint>',
  accepts: 'an address such as store:10901; names to look up cannot be strict',
  parse: (given) => (isAddress(given) && !isDynamicAddress(given) ? given : undefined),
};

function isAddress(given: string): boolean {
  try {
    checkAddress(given);
    return true;
  } catch {
    return false;
  }
}

export const endpointOptions: {
  readonly endpoints: Option<readonly string[]>;
  readonly strictEndpoints: Option<readonly string[]>;
  readonly endpointGroups: Option<readonly string[]>;
  readonly strictEndpointGroups: Option<readonly string[]>;
  readonly endpointConfig: Option<ContentSource | undefined>;
  readonly endpointConfigIntervalMs: Option<number>;
  readonly dnsIntervalMs: Option<number>;
  readonly dnsResolver: Option<string>;
  readonly unhealthyTimeoutMs: Option<number>;
  readonly infoTimeoutMs: Option<number>;
  readonly responseTimeoutMs: Option<number>;
  readonly answerMaxBytes: Option<number>;
  readonly selectorLabels: Option<readonly string[]>;
  readonly connectionLabels: Option<readonly ConnectionLabel[]>;
  readonly proxyStrategy: Option<string>;
  readonly lazyResponses: Option<number>;
} = section('Endpoints', {
  endpoints: many({
    flag: 'endpoint',
    value: address,
    help: 'StoreAPI server to query: host:port, or a name to look up with dns+, dnsdualstack+, dnssrv+ or dnssrvnoa+ before it.',
  }),
  strictEndpoints: many({
    flag: 'endpoint-strict',
    value: staticAddress,
    help: 'StoreAPI server that is always queried, so that its failure shows in answers, even while it does not answer health checks.',
  }),
  endpointGroups: many({
    flag: 'endpoint-group',
    value: address,
    help: 'Name of identical StoreAPI servers, one of which is asked at a time (not supported yet).',
  }),
  strictEndpointGroups: many({
    flag: 'endpoint-group-strict',
    value: address,
    hidden: true,
    help: 'As --endpoint-group, always queried (not supported yet).',
  }),
  endpointConfig: pathOrContent({
    flag: 'endpoint.sd-config',
    help: 'YAML that lists endpoints with their own settings (not supported yet).',
  }),
  endpointConfigIntervalMs: one({
    flag: 'endpoint.sd-config-reload-interval',
    value: duration,
    initial: '5m',
    help: 'How often that YAML is read.',
  }),
  dnsIntervalMs: one({
    flag: 'store.sd-dns-interval',
    value: duration,
    initial: '30s',
    help: 'How often names of endpoints are looked up.',
  }),
  dnsResolver: one({
    flag: 'store.sd-dns-resolver',
    value: oneOf('miekgdns', 'golang'),
    initial: 'miekgdns',
    hidden: true,
    help: 'Accepted and ignored: names are looked up as the system does it.',
  }),
  unhealthyTimeoutMs: one({
    flag: 'store.unhealthy-timeout',
    value: duration,
    initial: '5m',
    help: 'How long an endpoint that does not answer is still shown, before it is forgotten.',
  }),
  infoTimeoutMs: one({
    flag: 'endpoint.info-timeout',
    value: duration,
    initial: '5s',
    hidden: true,
    help: 'How long an endpoint may take to say what it is.',
  }),
  responseTimeoutMs: one({
    flag: 'store.response-timeout',
    value: duration,
    initial: '0ms',
    help: 'Longest silence of a store within an answer, after which the rest goes without it; 0 is without end.',
  }),
  answerMaxBytes: one({
    flag: 'store.limits.answer-bytes',
    value: byteSize,
    initial: '1GB',
    help: 'Most bytes that stores may send for one selector of a query. Ours alone.',
  }),
  selectorLabels: many({
    flag: 'selector-label',
    value: text,
    help: 'Label (name="value") under which this querier stands for all beneath it when another one queries it.',
  }),
  connectionLabels: many({
    flag: 'query.conn-metric.label',
    value: oneOf('external_labels', 'store_type', 'ip_port'),
    initial: ['external_labels', 'store_type'],
    separator: ',',
    help: 'Label of the metric that counts connected endpoints.',
  }),
  proxyStrategy: one({
    flag: 'grpc.proxy-strategy',
    value: oneOf('eager', 'lazy'),
    initial: 'eager',
    hidden: true,
    help: 'Accepted and ignored: answers are always collected as they come.',
  }),
  lazyResponses: one({
    flag: 'query.lazy-retrieval-max-buffered-responses',
    value: wholeNumber,
    initial: '20',
    hidden: true,
    help: 'Accepted and ignored, as --grpc.proxy-strategy.',
  }),
});

export type ConnectionLabel = 'external_labels' | 'store_type' | 'ip_port';

export const grpcClientOptions: {
  readonly clientTls: Option<boolean>;
  readonly clientSkipVerify: Option<boolean>;
  readonly clientCert: Option<string>;
  readonly clientKey: Option<string>;
  readonly clientCa: Option<string>;
  readonly clientServerName: Option<string>;
  readonly clientMinVersion: Option<'1.0' | '1.1' | '1.2' | '1.3'>;
  readonly compression: Option<'none' | 'snappy' | 'gzip'>;
} = section('gRPC client', {
  clientTls: toggle({
    flag: 'grpc-client-tls-secure',
    initial: false,
    help: 'Use TLS to reach endpoints.',
  }),
  clientSkipVerify: toggle({
    flag: 'grpc-client-tls-skip-verify',
    initial: false,
    help: 'Do not check the certificates of endpoints.',
  }),
  clientCert: one({
    flag: 'grpc-client-tls-cert',
    value: path,
    initial: '',
    help: 'Certificate to show to endpoints.',
  }),
  clientKey: one({
    flag: 'grpc-client-tls-key',
    value: path,
    initial: '',
    help: 'Its private key.',
  }),
  clientCa: one({
    flag: 'grpc-client-tls-ca',
    value: path,
    initial: '',
    help: "CA that endpoints' certificates must be signed by; without it those of the system.",
  }),
  clientServerName: one({
    flag: 'grpc-client-server-name',
    value: text,
    initial: '',
    help: "Name that endpoints' certificates must have, instead of that in their address.",
  }),
  clientMinVersion: one({
    flag: 'grpc-client-tls-min-version',
    value: oneOf('1.0', '1.1', '1.2', '1.3'),
    initial: '1.3',
    help: 'Oldest TLS version to use.',
  }),
  compression: one({
    flag: 'grpc-compression',
    value: oneOf('none', 'snappy', 'gzip'),
    initial: 'none',
    help: 'How messages to and from endpoints are compressed.',
  }),
});

export type EndpointValues = OptionValues<typeof endpointOptions>;
export type GrpcClientValues = OptionValues<typeof grpcClientOptions>;
