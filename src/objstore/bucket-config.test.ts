import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { errorText, OperationError } from '../base/errors.ts';
import { parseBucketConfig } from './bucket-config.ts';

function s3(keys: string): ReturnType<typeof parseBucketConfig>['provider'] {
  return parseBucketConfig(`type: S3\nconfig: {bucket: b, endpoint: e, ${keys}}`, 'o.yml').provider;
}

test('S3 has the defaults of Thanos', () => {
  const provider = s3('access_key: a, secret_key: s');
  assert.ok(provider.kind === 'S3');
  const { http, ...rest } = provider;
  assert.deepEqual(rest, {
    kind: 'S3',
    bucket: 'b',
    endpoint: 'e',
    region: '',
    dualStack: true,
    insecure: false,
    credentials: { kind: 'keys', accessKey: 'a', secretKey: 's', sessionToken: '' },
    signatureVersion: 4,
    userMetadata: [],
    trace: false,
    listVersion: 2,
    lookup: 'auto',
    sendMd5: true,
    multipart: true,
    partBytes: 67_108_864,
    encryption: undefined,
    retries: undefined,
  });
  const { idleTimeoutMs, headerTimeoutMs, connectTimeoutMs, connectionsMax, tls } = http;
  assert.deepEqual(
    [idleTimeoutMs, headerTimeoutMs, connectTimeoutMs, connectionsMax, tls],
    [90_000, 120_000, 10_000, 0, { skipVerify: false }],
  );
});

test('every key of S3 is taken', () => {
  const text = `
type: s3
prefix: tenant/a
config:
  bucket: b
  endpoint: s3.example.org:9000
  region: eu-1
  disable_dualstack: true
  aws_sdk_auth: true
  session_token: ""
  insecure: true
  signature_version2: true
  put_user_metadata: {X-Amz-Storage-Class: STANDARD_IA, team: metrics}
  http_config:
    idle_conn_timeout: 1m30s
    response_header_timeout: 2m
    insecure_skip_verify: true
    tls_handshake_timeout: 10s
    expect_continue_timeout: 1s
    max_idle_conns: 100
    max_idle_conns_per_host: 100
    max_conns_per_host: 7
    tls_config: {ca_file: ca, cert_file: c, key_file: k, server_name: n}
    disable_compression: false
  trace: {enable: true}
  list_objects_version: v1
  bucket_lookup_type: virtual-hosted
  send_content_md5: false
  disable_multipart: true
  part_size: 134217728
  sse_config: {type: SSE-KMS, kms_key_id: k, kms_encryption_context: {a: b}, encryption_key: ""}
  sts_endpoint: https://sts.example.org
  max_retries: 3
hedging_config: {enabled: true, up_to: 2, quantile: 0.8}
`;
  const { provider, prefix, hedging } = parseBucketConfig(text, 'o.yml');
  assert.ok(provider.kind === 'S3');
  assert.deepEqual(provider.encryption, { kind: 'SSE-KMS', keyId: 'k', context: [['a', 'b']] });
  assert.deepEqual(provider.credentials, { kind: 'chain', stsEndpoint: 'https://sts.example.org' });
  assert.equal(provider.http.tls.skipVerify, true);
  assert.equal(provider.http.connectionsMax, 7);
  assert.deepEqual([provider.retries, provider.signatureVersion, provider.listVersion], [3, 2, 1]);
  assert.deepEqual([prefix, hedging], ['tenant/a', { upTo: 2, quantile: 0.8 }]);
});

test('the other providers are read, with their defaults', () => {
  const f = (text: string, want: object) => {
    const { provider } = parseBucketConfig(text, 'o.yml');
    const { http: _, ...rest } = { http: undefined, ...provider };
    assert.deepEqual(rest, want);
  };
  f('type: FILESYSTEM\nconfig: {directory: /data}', { kind: 'FILESYSTEM', directory: '/data' });
  f('type: GCS\nconfig: {bucket: b}', {
    kind: 'GCS',
    bucket: 'b',
    serviceAccount: undefined,
    retries: undefined,
  });
  f(
    `type: GCS
config:
  bucket: b
  service_account: |-
    {"type": "service_account", "project_id": "p"}
  use_grpc: false
  grpc_conn_pool_size: 0
  chunk_size_bytes: 8
  max_retries: 1`,
    {
      kind: 'GCS',
      bucket: 'b',
      serviceAccount: { type: 'service_account', project_id: 'p' },
      retries: 0,
    },
  );
  const azure = {
    kind: 'AZURE',
    account: 'a',
    container: 'c',
    createContainer: true,
    endpoint: 'blob.core.windows.net',
    credentials: { kind: 'default' },
    retries: undefined,
    tryTimeoutMs: 0,
    retryDelayMs: 0,
    retryDelayMaxMs: 0,
  };
  f('type: AZURE\nconfig: {storage_account: a, container: c}', azure);
  f(
    `type: azure
config:
  az_tenant_id: t
  client_id: i
  client_secret: s
  storage_account: a
  storage_create_container: false
  container: c
  endpoint: blob.example.org
  max_retries: 2
  reader_config: {max_retry_requests: 1}
  pipeline_config: {max_tries: 4, try_timeout: 5s, retry_delay: 1s, max_retry_delay: 1m}
  msi_resource: ""`,
    {
      ...azure,
      createContainer: false,
      endpoint: 'blob.example.org',
      credentials: { kind: 'client-secret', tenantId: 't', clientId: 'i', secret: 's' },
      retries: 4,
      tryTimeoutMs: 5000,
      retryDelayMs: 1000,
      retryDelayMaxMs: 60_000,
    },
  );
});

test('what is wrong is named with its place, and no secret is shown', () => {
  const f = (text: string, want: RegExp) =>
    assert.throws(
      () => parseBucketConfig(text, 'o.yml'),
      (error: unknown) => {
        assert.ok(error instanceof OperationError && error.kind === 'bad-data', String(error));
        assert.match(error.message, want);
        assert.doesNotMatch(errorText(error), /hunter2/);
        return true;
      },
    );
  const of = (keys: string) => `type: S3\nconfig: {bucket: b, endpoint: e, ${keys}}`;
  f('', /^o\.yml:1:1: has no type; supported are FILESYSTEM, S3, GCS and AZURE$/);
  f('type: S4\nconfig: {}', /^o\.yml:1:7: type: is none of FILESYSTEM, S3, GCS and AZURE$/);
  f('type: S3', /^o\.yml:1:7: type: has no config beside it$/);
  f('type: S3\nconfg: {}', /^o\.yml:2:8: confg: unknown field; known here: type, config, /);
  f(of('secret: hunter2'), /^o\.yml:2:42: config\.secret: unknown field; known here: bucket, /);
  f(of('access_key: a'), /^o\.yml:2:9: config: has no secret_key: give both keys/);
  f(of('secret_key: hunter2'), /^o\.yml:2:9: config: has no access_key/);
  f(of('access_key: a, secret_key: s, aws_sdk_auth: true'), /aws_sdk_auth: stands beside access/);
  f(of('part_size: 1000'), /part_size: is below 5242880/);
  f(of('max_retries: -1'), /max_retries: is not a whole number of at least 0/);
  f(of('list_objects_version: v3'), /list_objects_version: is none of v1, v2/);
  f(of('sse_config: {type: SSE-C}'), /sse_config: SSE-C needs encryption_key/);
  f(of('http_config: {idle_conn_timeout: soon}'), /idle_conn_timeout: is not a duration/);
  f('type: S3\nconfig: {endpoint: e}', /config: has no bucket/);
  f('type: S3\nconfig: {bucket: b, endpoint: "https://e"}', /endpoint: must be a host with/);
  f('type: FILESYSTEM\nconfig: {}', /^o\.yml:2:9: config: has no directory for the bucket$/);
  f('type: FILESYSTEM\nconfig: {directry: x}', /directry: unknown field; known here: directory/);
  f('type: GCS\nconfig: {bucket: b, use_grpc: true}', /use_grpc: is not supported: leave it out/);
  f(
    'type: GCS\nconfig: {bucket: b, service_account: "hunter2"}',
    /service_account: is not the JSON/,
  );
  f('type: AZURE\nconfig: {storage_account: a}', /config: has no container/);
  f(
    'type: AZURE\nconfig: {storage_account: a, container: c, client_secret: hunter2}',
    /az_tenant_id, client_id and client_secret belong together/,
  );
  f('type: SWIFT\nconfig: {}', /SWIFT is a type of Thanos that is not supported here: use type S3/);
  f('type: OCI\nconfig: {}', /OCI is a type of Thanos that is not supported here/);
  f(
    'type: S3\nhedging_config: {quantile: 2}\nconfig: {bucket: b, endpoint: e}',
    /quantile: is not/,
  );
  f('type: S3\nconfig: {bucket: b', /^o\.yml:\d+:\d+: /);
});
