import { strict as assert } from 'node:assert';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { externalAddress } from './external-address.ts';

const LISTEN = ['127.0.0.1:9191', '[::1]:9292'];

test('the external address gives the prefix of routes, unless another one is given', () => {
  const f = (externalUrl: string, routePrefix: string | undefined, want: string): void => {
    const address = externalAddress({ externalUrl, routePrefix, listenAddresses: LISTEN });
    assert.equal(`${address.url} ${address.routePrefix}`, want);
  };
  f('', undefined, `http://${hostname()}:9191 `);
  f('https://example.org/prometheus/', undefined, 'https://example.org/prometheus /prometheus');
  f('https://example.org/prometheus', '/', 'https://example.org/prometheus ');
  f('https://example.org:444', 'a/b/', 'https://example.org:444 /a/b');
  f('example.org:80/x', undefined, 'http://example.org/x /x');
});

test('what is no URL is refused', () => {
  const f = (externalUrl: string): void =>
    assert.throws(
      () => externalAddress({ externalUrl, routePrefix: undefined, listenAddresses: LISTEN }),
      {
        kind: 'bad-data',
      },
    );
  f('http://');
  f('"http://example.org"');
});
