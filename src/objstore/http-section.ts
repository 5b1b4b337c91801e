/**
 * The `http_config` of an object store, with the defaults of thanos-io/objstore exthttp. Bounds on idle connections and
 * the time for `Expect: 100-continue` are read but without use: idle connections end with their timeout alone, and
 * nothing is sent that expects.
 */
import type { YamlValue } from '../base/yaml.ts';
import { countOf, durationOf, flagOf } from '../model/yaml-fields.ts';
import {
  defaultHttpConfig,
  type HttpClientConfig,
  readClientTls,
} from '../transport/http-config.ts';

export function readHttpSection(value: YamlValue | undefined): HttpClientConfig {
  const given = value?.fields(
    'idle_conn_timeout',
    'response_header_timeout',
    'insecure_skip_verify',
    'tls_handshake_timeout',
    'expect_continue_timeout',
    'max_idle_conns',
    'max_idle_conns_per_host',
    'max_conns_per_host',
    'tls_config',
    'disable_compression',
  );
  durationOf(given?.expect_continue_timeout);
  countOf(given?.max_idle_conns);
  countOf(given?.max_idle_conns_per_host);
  flagOf(given?.disable_compression);
  return {
    ...defaultHttpConfig,
    tls: {
      ...readClientTls(given?.tls_config),
      skipVerify: flagOf(given?.insecure_skip_verify),
    },
    connectTimeoutMs: durationOf(given?.tls_handshake_timeout, 10_000),
    idleTimeoutMs: durationOf(given?.idle_conn_timeout, 90_000),
    headerTimeoutMs: durationOf(given?.response_header_timeout, 120_000),
    connectionsMax: countOf(given?.max_conns_per_host),
  };
}
