import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { proxyChooser } from './choose-proxy.ts';
import { defaultProxySettings } from './client-settings.ts';

test('exceptions are hosts, domains, addresses and networks, with ports', () => {
  const f = (noProxy: string, url: string, isDirect: boolean): void => {
    const choose = proxyChooser({ ...defaultProxySettings, url: 'http://p:1', noProxy }, {});
    assert.equal(choose(new URL(url)), isDirect ? undefined : 'http://p:1', `${noProxy} ${url}`);
  };
  f('a.test', 'http://a.test/', true);
  f('a.test', 'http://x.A.test/', true);
  f('a.test', 'http://xa.test/', false);
  f('.a.test', 'http://a.test/', false);
  f('.a.test', 'http://x.a.test/', true);
  f('*.a.test', 'http://x.a.test/', true);
  f('*.a.test', 'http://a.test/', false);
  f('a.test:80', 'http://a.test/', true);
  f('a.test:80', 'https://a.test/', false);
  f('b.test , a.test:8080', 'http://a.test:8080/', true);
  f('*', 'http://a.test/', true);
  f('b,*', 'https://10.0.0.1/', true);
  f('10.0.0.0/8', 'http://10.1.2.3:9090/', true);
  f('10.0.0.0/8', 'http://11.1.2.3:9090/', false);
  f('fe80::/10', 'http://[fe80::1]/', true);
  f('10.0.0.1', 'http://10.0.0.1/', true);
  f('10.0.0.1:9', 'http://10.0.0.1/', false);
  f('[::5]:80', 'http://[0:0::5]/', true);
  f('1.2.3.4', 'http://x.1.2.3.4.test/', false);
  f('b.test', 'http://localhost/', true);
  f('b.test', 'http://127.8.8.8/', true);
  f('b.test', 'http://[::1]/', true);
  f('', 'http://localhost/', false);
});

test('the environment names one proxy for each protocol, in capitals first', () => {
  const f = (environment: Record<string, string>, url: string, want: string | undefined): void => {
    const choose = proxyChooser({ ...defaultProxySettings, fromEnvironment: true }, environment);
    assert.equal(choose(new URL(url)), want);
  };
  f({}, 'http://a.test', undefined);
  f({ HTTP_PROXY: 'http://p', http_proxy: 'http://q' }, 'http://a.test', 'http://p');
  f({ HTTP_PROXY: 'http://p' }, 'https://a.test', undefined);
  f({ https_proxy: 'p:3128' }, 'https://a.test', 'http://p:3128');
  f({ https_proxy: 'p', no_proxy: 'a.test' }, 'https://a.test', undefined);
  f({ https_proxy: 'socks5://p', NO_PROXY: 'b' }, 'https://a.test', 'socks5://p');
});
