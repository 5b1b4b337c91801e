import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { searchNames } from './dns-search.ts';

test('names are searched in the domains of the system', () => {
  const f = (name: string, configuration: string, ...want: readonly string[]): void =>
    assert.deepEqual(searchNames(name, configuration), want);
  f('a.test.', 'search x.test', 'a.test.');
  f('a.test', '', 'a.test.');
  f('a.test', 'search x.test y.test.', 'a.test.', 'a.test.x.test.', 'a.test.y.test.');
  f('a', 'search x.test\n', 'a.x.test.', 'a.');
  f('a', 'domain d.test\n', 'a.d.test.', 'a.');
  f('a', 'search x.test\nnameserver 127.0.0.1\nsearch y.test\n', 'a.y.test.', 'a.');
  const pod = 'search ns.svc.cluster.local svc.cluster.local\noptions edns0 ndots:5\n';
  f(
    '_web._tcp.db',
    pod,
    '_web._tcp.db.ns.svc.cluster.local.',
    '_web._tcp.db.svc.cluster.local.',
    '_web._tcp.db.',
  );
  f(
    'a.b.c.d.e.f',
    pod,
    'a.b.c.d.e.f.',
    ...['ns.', ''].map((ns) => `a.b.c.d.e.f.${ns}svc.cluster.local.`),
  );
  f('a', '# search c.test\nsearch .\n', 'a.');
});
