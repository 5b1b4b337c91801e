import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { silentLogger } from '../telemetry/logger.ts';
import type { HttpAnswer, HttpRequest } from '../transport/http-route.ts';
import { webAddress } from './web-address.ts';

test('routes lie under the route prefix, else under the external one', () => {
  const f = (routePrefix: string, externalPrefix: string, want: string): void => {
    let warnings = 0;
    const logger = { ...silentLogger, warn: () => warnings++ };
    const address = webAddress({ routePrefix, externalPrefix }, '/graph', logger);
    const redirects = address.redirects.map(({ path, isOutsidePrefix, handle }) => {
      assert.equal(isOutsidePrefix, true);
      const answer = handle({} as HttpRequest) as HttpAnswer;
      return `${path}→${answer.headers?.location}`;
    });
    assert.equal([address.routePrefix, ...redirects, warnings].join(' '), want);
  };
  f('', '', ' 0');
  f('/', '', ' 1');
  f('', 'thanos/', '/thanos /→/thanos/graph /thanos→/thanos/graph 0');
  f('/a/b/', '/a/b/', '/a/b /→/a/b/graph /a/b→/a/b/graph 0');
  f('/a', '/b', '/a /→/a/graph /a→/a/graph 1');
  f('/', '/b', ' 1');
});
