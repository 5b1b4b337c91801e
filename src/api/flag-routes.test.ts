import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { flagRoutes } from './flag-routes.ts';
import { callRoute } from './testing/request.ts';

const flag = (name: string, initial?: string, isHidden = false) => ({
  name,
  help: `What ${name} does.`,
  section: 'Web',
  isHidden,
  ...(initial === undefined ? {} : { initial }),
});

const routes = flagRoutes(
  {
    flags: { 'web.page': 'x', 'web.port': '1', 'web.secret': '' },
    knownFlags: [
      flag('web.page'),
      flag('web.port', '9090'),
      flag('web.secret', '', true),
      flag('x'),
    ],
  },
  'status_flags',
);

test('flags are told as Prometheus tells them', async () => {
  const { body } = await callRoute(routes, '/api/v1/status/flags');
  const data = { 'web.page': 'x', 'web.port': '1', 'web.secret': '' };
  assert.deepEqual(body, { status: 'success', data });
});

test('each flag that is shown has its default and what it is for', async () => {
  const { body } = await callRoute(routes, '/api/v1/status/flags/help');
  assert.deepEqual(body, {
    status: 'success',
    data: {
      'web.page': { default: null, help: 'What web.page does.', section: 'Web' },
      'web.port': { default: '9090', help: 'What web.port does.', section: 'Web' },
    },
  });
});
