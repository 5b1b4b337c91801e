import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { realFileSystem } from '../world/file-system.ts';
import { loadPrometheusConfig } from './prometheus-config.ts';

function load(text: string) {
  const options = { path: 'p.yml', files: realFileSystem, environment: {} };
  return loadPrometheusConfig(text, options).config;
}

const job = (keys: string): string => `scrape_configs:\n- {job_name: a, ${keys}}\n`;
const write = (keys: string): string => `remote_write: [{url: "http://x", ${keys}}]`;

/** Verdicts are those of promtool 3.14 on the same texts. */
test('what Prometheus takes although it looks odd is taken', () => {
  const f = (text: string): void => assert.doesNotThrow(() => load(text), text);
  f(job('honor_labels: yes, honor_timestamps: Off'));
  f(job('scheme: HTTPS'));
  f(job('fallback_scrape_protocol: ""'));
  f(job('proxy_url: x'));
  f(job('http_sd_configs: [{url: "HTTP://x"}]'));
  f('otlp: {translation_strategy: ""}');
  f(write('azuread: {managed_identity: {client_id: 00000000-0000-0000-0000-000000000000}}'));
  f(write('azuread: {sdk: {}}'));
  f(write('sigv4: {access_key: a, secret_key: b}'));
  assert.equal(load(job('honor_labels: yes')).jobs[0].config.honorLabels, true);
  assert.equal(load(job('honor_timestamps: off')).jobs[0].config.honorTimestamps, false);
});

test('what Prometheus refuses is refused for its reason', () => {
  const f = (text: string, message: RegExp): void =>
    assert.throws(() => load(text), { kind: 'bad-data', message }, text);
  f(job('honor_labels: "yes"'), /honor_labels: is neither true nor false/);
  f(job('proxy_url: ":bad"'), /proxy_url ":bad" is not a URL/);
  const oauth2 = (keys: string): string => job(`oauth2: {client_id: a, token_url: x, ${keys}}`);
  f(oauth2('proxy_from_environment: true, proxy_url: "http://x"'), /proxy_url must not be/);
  const grant = 'grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer"';
  f(oauth2(`${grant}, signature_algorithm: X`), /valid signature algorithms are RS256/);
  f(job('relabel_configs: [{source_labels: [""], target_label: b}]'), /"" is not a valid label/);
  f(write('sigv4: {access_key: x}'), /Access key and Secret Key/);
  f(write('sigv4: {external_id: x}'), /external_id can only be used with role_arn/);
  f(write('azuread: {}'), /must provide an Azure Managed Identity/);
  f(write('azuread: {sdk: {}, managed_identity: {}}'), /multiple authentication methods/);
  f(write('azuread: {cloud: X, sdk: {}}'), /must provide a cloud/);
  f(write('azuread: {managed_identity: {client_id: x}}'), /Managed Identity client_id is invalid/);
  f(write('azuread: {oauth: {client_id: x}}'), /must provide an Azure OAuth tenant_id/);
  f(write('azuread: {foo: 1}'), /unknown field foo/);
});

test('no secret of a remote endpoint is shown', () => {
  const id = '00000000-0000-0000-0000-000000000000';
  const { shown } = load(
    write(`azuread: {oauth: {client_id: ${id}, tenant_id: t, client_secret: hidden}}`),
  );
  assert.match(JSON.stringify(shown), /"client_secret":"<secret>"/);
  assert.doesNotMatch(JSON.stringify(shown), /hidden/);
});
