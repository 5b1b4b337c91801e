import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { createReadiness, type Readiness } from '../telemetry/readiness.ts';
import type { HttpAnswer } from '../transport/http-route.ts';
import { type LifecycleApi, lifecycleRoutes, receiverRoutes } from './lifecycle-routes.ts';
import { requestOf } from './testing/request.ts';

interface Server {
  readonly readiness: Readiness;
  readonly calls: string[];
  ask(method: string, path: string): Promise<HttpAnswer>;
}

function server(options: Partial<LifecycleApi> = {}): Server {
  const readiness = createReadiness(createMetricRegistry(), 'prometheus');
  const calls: string[] = [];
  const routes = [
    ...lifecycleRoutes({
      readiness,
      isStopping: () => false,
      isEnabled: true,
      reload: async () => void calls.push('reload'),
      quit: () => void calls.push('quit'),
      ...options,
    }),
    ...receiverRoutes(),
  ];
  const ask = async (method: string, path: string): Promise<HttpAnswer> => {
    const route = routes.find((one) => one.path === path && one.methods.includes(method as 'GET'));
    assert.ok(route !== undefined, `no route for ${method} ${path}`);
    return route.handle({ ...requestOf(path), method });
  };
  return { readiness, calls, ask };
}

async function shown(answer: Promise<HttpAnswer>): Promise<string> {
  const { status, body = '', headers = {} } = await answer;
  const stopping = headers['x-prometheus-stopping'];
  return `${status} ${body}${stopping === undefined ? '' : ` (stopping: ${stopping})`}`.trim();
}

// The texts are those of Prometheus 3.14.
test('a server is healthy at once, and ready when it says so', async () => {
  const { ask, readiness } = server();
  assert.equal(await shown(ask('GET', '/-/healthy')), '200 Prometheus Server is Healthy.');
  const waiting = await shown(ask('GET', '/-/ready'));
  assert.equal(waiting, '503 Service Unavailable (stopping: false)');
  readiness.setReady();
  assert.equal(await shown(ask('GET', '/-/ready')), '200 Prometheus Server is Ready.');
  const ending = await shown(server({ isStopping: () => true }).ask('GET', '/-/ready'));
  assert.equal(ending, '503 Service Unavailable (stopping: true)');
});

test('reload and quit are done by POST or PUT, where they are enabled', async () => {
  const { ask, calls } = server();
  assert.equal(await shown(ask('POST', '/-/reload')), '200');
  assert.equal(await shown(ask('PUT', '/-/quit')), '200 Requesting termination... Goodbye!');
  assert.deepEqual(calls, ['reload', 'quit']);
  assert.equal(await shown(ask('GET', '/-/quit')), '405 Only POST or PUT requests allowed');
  const off = server({ isEnabled: false });
  assert.equal(await shown(off.ask('POST', '/-/quit')), '403 Lifecycle API is not enabled.');
  assert.deepEqual(off.calls, []);
});

test('a reload that fails says why', async () => {
  const reload = async (): Promise<void> => {
    throw new OperationError('bad-data', 'prometheus.yml:3: field x is unknown');
  };
  assert.equal(
    await shown(server({ reload }).ask('POST', '/-/reload')),
    '500 failed to reload config: prometheus.yml:3: field x is unknown',
  );
});

test('what is sent here is refused as Prometheus does with its receivers off', async () => {
  const { ask } = server();
  assert.equal(
    await shown(ask('POST', '/api/v1/write')),
    '404 remote write receiver needs to be enabled with --web.enable-remote-write-receiver',
  );
  assert.equal(
    await shown(ask('POST', '/api/v1/otlp/v1/metrics')),
    '404 otlp write receiver needs to be enabled with --web.enable-otlp-receiver',
  );
});
