/** Configurations that must not load, and what the error has to speak of. */
export const REASONS: Readonly<Record<string, string>> = {
  'agent_mode.with_alert_manager.yml': 'field alerting is not allowed in agent mode',
  'agent_mode.with_remote_reads.yml': 'field remote_read is not allowed in agent mode',
  'agent_mode.with_rule_files.yml': 'field rule_files is not allowed in agent mode',
  'azure_authentication_method.bad.yml':
    'unknown authentication_type "invalid". Supported types are "OAuth", "ManagedIdentity", "SDK" or "WorkloadIdentity"',
  'azure_bearertoken_basicauth.bad.yml':
    'at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured',
  'azure_client_secret_missing.bad.yml': 'azure SD configuration requires a client_secret',
  'azure_subscription_id_missing.bad.yml': 'azure SD configuration requires a subscription_id',
  'bearertoken.bad.yml': 'at most one of bearer_token & bearer_token_file must be configured',
  'bearertoken_basicauth.bad.yml':
    'at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured',
  'config_with_deprecated_am_api_config.yml':
    'expected Alertmanager api version to be one of [v2] but got v1',
  'dropequal.bad.yml': "relabel configuration for dropequal action requires 'target_label' value",
  'ec2_filters_empty_values.bad.yml': 'EC2 SD configuration filter values cannot be empty',
  'ec2_token_file.bad.yml': 'at most one of bearer_token & bearer_token_file must be configured',
  'empty_alertmanager_relabel_config.bad.yml': 'empty or null Alertmanager target relabeling rule',
  'empty_metric_relabel_config.bad.yml': 'empty or null metric relabeling rule in scrape config',
  'empty_rw_config.bad.yml': 'empty or null remote write config section',
  'empty_rw_relabel_config.bad.yml': 'empty or null relabeling rule in remote write config',
  'empty_scrape_config_action.bad.yml': 'relabel action cannot be empty',
  'empty_static_config.bad.yml': 'empty or null section in static_configs',
  'eureka_invalid_server.bad.yml': 'eureka_sd: invalid eureka server URL',
  'eureka_no_server.bad.yml': 'eureka_sd: empty or null eureka server',
  'hetzner_role.bad.yml': 'unknown role "invalid"',
  'http_url_bad_scheme.bad.yml': "URL scheme must be 'http' or 'https'",
  'http_url_no_host.bad.yml': 'host is missing in URL',
  'ionos_datacenter.bad.yml': "datacenter id can't be empty",
  'jobname.bad.yml': 'job_name is empty',
  'keepequal.bad.yml': "relabel configuration for keepequal action requires 'target_label' value",
  'keepequal1.bad.yml':
    "keepequal action requires only 'source_labels' and `target_label`, and no other fields",
  'kubernetes_authorization_basicauth.bad.yml':
    'at most one of basic_auth, oauth2 & authorization must be configured',
  'kubernetes_bearertoken.bad.yml':
    'at most one of bearer_token & bearer_token_file must be configured',
  'kubernetes_http_config_without_api_server.bad.yml':
    "to use custom HTTP client configuration please provide the 'api_server' URL explicitly",
  'kubernetes_kubeconfig_with_http_config.bad.yml':
    "cannot use a custom HTTP client configuration together with 'kubeconfig_file'",
  'kubernetes_kubeconfig_with_own_namespace.bad.yml':
    "cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously",
  'kubernetes_namespace_discovery.bad.yml': 'unknown field foo',
  'kubernetes_role.bad.yml': 'unknown Kubernetes SD role "vacation"',
  'kubernetes_selectors_endpoints.bad.yml':
    'endpoints role supports only pod, service, endpoints selectors',
  'kubernetes_selectors_ingress.bad.yml': 'ingress role supports only ingress selectors',
  'kubernetes_selectors_pod.bad.yml': 'pod role supports only pod, node selectors',
  'kubernetes_selectors_service.bad.yml': 'service role supports only service selectors',
  'labeldrop2.bad.yml': "labeldrop action requires only 'regex', and no other fields",
  'labeldrop3.bad.yml': "labeldrop action requires only 'regex', and no other fields",
  'labeldrop5.bad.yml': "labeldrop action requires only 'regex', and no other fields",
  'labelkeep.bad.yml': "labelkeep action requires only 'regex', and no other fields",
  'labelkeep3.bad.yml': "labelkeep action requires only 'regex', and no other fields",
  'labelkeep4.bad.yml': "labelkeep action requires only 'regex', and no other fields",
  'labelmap.bad.yml': 'is not base64',
  'labelname.bad.yml': 'is not a text in UTF-8',
  'lightsail_token_file.bad.yml':
    'at most one of bearer_token & bearer_token_file must be configured',
  'lowercase.bad.yml': "relabel configuration for lowercase action requires 'target_label' value",
  'marathon_authtoken_authorization.bad.yml':
    'marathon_sd: at most one of auth_token, auth_token_file & authorization must be configured',
  'marathon_authtoken_authtokenfile.bad.yml':
    'marathon_sd: at most one of auth_token & auth_token_file must be configured',
  'marathon_authtoken_bearertoken.bad.yml':
    'marathon_sd: at most one of bearer_token, bearer_token_file, auth_token & auth_token_file must be configured',
  'marathon_no_servers.bad.yml': 'marathon_sd: must contain at least one Marathon server',
  'modulus_missing.bad.yml': 'relabel configuration for hashmod requires non-zero modulus',
  'oci_authentication_method.bad.yml':
    'oci_sd: unknown auth method "invalid", expected "api_key" or "instance_principal"',
  'openstack_role.bad.yml': 'unknown OpenStack SD role "invalid"',
  'otlp_allow_utf8.incompatible.yml':
    'OTLP translation strategy "NoUTF8EscapingWithSuffixes" is not allowed when UTF8 is disabled',
  'otlp_ignore_resource_attributes_without_promote_all.bad.yml':
    "'ignore_resource_attributes' needs 'promote_all_resource_attributes'",
  'otlp_no_translation.incompatible.yml':
    'OTLP translation strategy "NoTranslation" is not allowed when UTF8 is disabled',
  'otlp_promote_all_resource_attributes.bad.yml':
    "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured simultaneously",
  'otlp_sanitize_ignore_resource_attributes.bad.yml':
    "invalid 'ignore_resource_attributes': empty ignored OTel resource attribute",
  'otlp_sanitize_promote_resource_attributes.bad.yml':
    "invalid 'promote_resource_attributes': empty promoted OTel resource attribute",
  'outscale_no_region.bad.yml': 'outscale SD configuration requires a region',
  'outscale_no_secret.bad.yml': 'one of secret_key & secret_key_file must be configured',
  'ovhcloud_bad_service.bad.yml': 'unknown service: fakeservice',
  'ovhcloud_no_secret.bad.yml': 'application secret can not be empty',
  'puppetdb_no_query.bad.yml': 'query missing',
  'puppetdb_no_scheme.bad.yml': "URL scheme must be 'http' or 'https'",
  'puppetdb_token_file.bad.yml':
    'at most one of bearer_token & bearer_token_file must be configured',
  'regex.bad.yml': 'error parsing regexp: missing closing ): `abc(def`',
  'remote_read_header.bad.yml':
    'x-prometheus-remote-write-version is a reserved header. It must not be changed',
  'remote_read_url_missing.bad.yml': 'url for remote_read is empty',
  'remote_write_dup.bad.yml': 'found multiple remote write configs with job name "queue1"',
  'remote_write_header.bad.yml':
    'x-prometheus-remote-write-version is a reserved header. It must not be changed',
  'remote_write_queue_max_backoff_less_than_min.bad.yml':
    'remote write queue max_backoff must not be less than min_backoff',
  'remote_write_queue_max_samples_per_send_zero.bad.yml':
    'remote write queue max_samples_per_send must be positive',
  'remote_write_queue_min_shards_greater_than_max.bad.yml':
    'remote write queue min_shards must not be greater than max_shards',
  'remote_write_queue_min_shards_zero.bad.yml': 'remote write queue min_shards must be positive',
  'remote_write_url_missing.bad.yml': 'url for remote_write is empty',
  'remote_write_wrong_msg.bad.yml':
    'invalid protobuf_message value: unknown message io.prometheus.writet.v2.Request, supported: prometheus.WriteRequest, io.prometheus.write.v2.Request',
  'rules.bad.yml':
    'invalid rule file path "my/*/rule": only the last element of a path may have wildcards',
  'scaleway_no_secret.bad.yml': 'one of secret_key & secret_key_file must be configured',
  'scaleway_role.bad.yml': 'unknown role "invalid"',
  'scrape_body_size_limit.bad.yml': '"100" is no size such as 10MB: the unit is unknown',
  'scrape_config_files.bad.yml':
    'scrape timeout greater than scrape interval for scrape config with job name "prometheus"',
  'scrape_config_files_double_import.bad.yml':
    'found multiple scrape configs with job name "prometheus"',
  'scrape_config_files_fallback_scrape_protocol1.bad.yml':
    'unknown scrape protocol prometheusproto, supported: OpenMetricsText0.0.1, OpenMetricsText1.0.0, PrometheusProto, PrometheusText0.0.4, PrometheusText1.0.0',
  'scrape_config_files_fallback_scrape_protocol2.bad.yml': 'is not a text',
  'scrape_config_files_global.bad.yml':
    'scrape timeout greater than scrape interval for scrape config with job name "prometheus"',
  'scrape_config_files_scrape_protocols.bad.yml':
    'unknown scrape protocol prometheusproto, supported: OpenMetricsText0.0.1, OpenMetricsText1.0.0, PrometheusProto, PrometheusText0.0.4, PrometheusText1.0.0',
  'scrape_config_utf8_conflicting.bad.yml':
    'utf8 metric names requested but validation scheme is not set to UTF8',
  'scrape_interval.bad.yml':
    'scrape timeout greater than scrape interval for scrape config with job name "prometheus"',
  'section_key_dup.bad.yml': 'Map keys must be unique',
  'stackit_endpoint.bad.yml': 'stackit_sd: invalid endpoint "://invalid"',
  'target_label_hashmod_missing.bad.yml':
    "relabel configuration for hashmod action requires 'target_label' value",
  'target_label_missing.bad.yml':
    "relabel configuration for replace action requires 'target_label' value",
  'tracing_invalid_compression.bad.yml':
    'invalid compression type foo provided, valid options: gzip',
  'tracing_invalid_header.bad.yml':
    'x-prometheus-remote-write-version is a reserved header. It must not be changed',
  'tsdb_chunk_encoding_floats.bad.yml':
    "'storage.tsdb.chunk_encoding.floats' must be 'xor' or 'xor2', or the field must be omitted entirely, got \"xor3\"",
  'tsdb_chunk_encoding_floats_wrong_case.bad.yml':
    "'storage.tsdb.chunk_encoding.floats' must be 'xor' or 'xor2', or the field must be omitted entirely, got \"XOR\"",
  'tsdb_retention_percentage_negative.bad.yml':
    "'storage.tsdb.retention.percentage' must be in the range [0, 100], got -1",
  'tsdb_retention_time.bad.yml': 'not a valid duration string: "-1h"',
  'unknown_attr.bad.yml': 'unknown field consult_sd_configs (did you mean consul_sd_configs?)',
  'uppercase.bad.yml': "relabel configuration for uppercase action requires 'target_label' value",
  'uppercase3.bad.yml': "'replacement' can not be set for uppercase action",
  'uyuni_no_server.bad.yml': 'Uyuni SD configuration requires server host',
  'uyuni_token_file.bad.yml': 'at most one of bearer_token & bearer_token_file must be configured',
};
