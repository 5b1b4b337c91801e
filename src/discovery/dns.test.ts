import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NameResolution, resolveAddress } from './dns.ts';
import { resolverOf } from './testing/resolver.ts';

test('every scheme gives its addresses', async () => {
  const resolver = resolverOf(
    'both.test 4 10.0.0.1 10.0.0.2',
    'both.test 6 fe80::1',
    'six.test 6 fe80::2',
    'half.test 6 !',
    'half.test 4 10.0.0.3',
    '_grpc._tcp.test srv both.test:10901 six.test:10902',
    'rooted.test srv a.test.:1',
  );
  const f = async (address: string, ...want: string[]): Promise<void> =>
    assert.deepEqual(await resolveAddress(address, resolver), want);
  await f('plain.test:1', 'plain.test:1');
  await f('[::1]:10901', '[::1]:10901');
  await f('dns+both.test:1', '10.0.0.1:1', '10.0.0.2:1');
  await f('dns+six.test:1', '[fe80::2]:1');
  await f('dns+none.test:1');
  await f('dnsdualstack+both.test:1', '[fe80::1]:1', '10.0.0.1:1', '10.0.0.2:1');
  await f('dnsdualstack+half.test:1', '10.0.0.3:1');
  await f('dnssrv+_grpc._tcp.test', '10.0.0.1:10901', '10.0.0.2:10901', '[fe80::2]:10902');
  await f('dnssrv+_grpc._tcp.test:7', '10.0.0.1:7', '10.0.0.2:7', '[fe80::2]:7');
  await f('dnssrvnoa+_grpc._tcp.test', 'both.test:10901', 'six.test:10902');
  await f('dnssrvnoa+rooted.test', 'a.test:1');
});

test('malformed addresses say what would be right', () => {
  const f = (address: string, want: string): void => {
    const options = { names: [address], resolver: resolverOf(), onLookup: () => {} };
    const message = `address ${JSON.stringify(address)} is not ${want}`;
    assert.throws(() => new NameResolution(options), { kind: 'bad-data', message });
  };
  f('', 'host:port');
  f('host', 'host:port');
  f('host:70000', 'host:port');
  f('http://host:1', 'host:port');
  f('dns+host', 'host:port');
  f('dnssrv+', 'name or name:port');
  f('dnsx+host:1', 'one of the schemes dns+ dnsdualstack+ dnssrv+ dnssrvnoa+');
});

test('a look-up that fails keeps what was known, one that finds nothing does not', async () => {
  const lines = ['a.test 4 10.0.0.1', 'b.test 4 10.0.0.2'];
  const lookups: string[] = [];
  const resolution = new NameResolution({
    names: ['static.test:9', 'dns+a.test:1', 'dns+b.test:1', 'dns+a.test:1'],
    resolver: {
      ...resolverOf(),
      addresses: (host, family) => resolverOf(...lines).addresses(host, family),
    },
    onLookup: (name, failure) => lookups.push(`${name} ${failure ?? 'ok'}`),
  });
  assert.deepEqual(resolution.addresses, ['static.test:9']);
  await resolution.resolve();
  assert.deepEqual(resolution.addresses, ['static.test:9', '10.0.0.1:1', '10.0.0.2:1']);
  lines.splice(0, 2, 'a.test 4 !');
  lookups.length = 0;
  await resolution.resolve();
  assert.deepEqual(resolution.addresses, ['static.test:9', '10.0.0.1:1']);
  assert.deepEqual(lookups.sort(), [
    'dns+a.test:1 cannot look up a.test',
    'dns+a.test:1 cannot look up a.test',
    'dns+b.test:1 ok',
  ]);
});
