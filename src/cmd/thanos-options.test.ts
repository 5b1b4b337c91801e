import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { refuseUnsupported } from './options.ts';
import { parseArguments } from './parse-arguments.ts';
import { thanosOptions, unsupportedOfThanos } from './thanos-options.ts';

function run(...args: string[]): void {
  const parsed = parseArguments(thanosOptions, args);
  assert.equal(parsed.kind, 'run');
  if (parsed.kind === 'run') refuseUnsupported(unsupportedOfThanos(parsed.values));
}

test('flags of Thanos that change no answer are accepted', () => {
  run();
  run(
    '--query.mode=local',
    '--no-query.enforce-tenancy',
    '--query.tenant-header=X-Tenant',
    '--query.telemetry.request-samples-quantiles=10',
    '--alert.query-url=http://thanos',
    '--store.limits.request-series=0',
  );
});

test('flags of Thanos that ask for what there is not are refused by name', () => {
  const f = (...args: string[]): void => {
    const flag = args[0]?.replace(/^--|=(?!distributed).*/g, '') ?? '';
    assert.throws(() => run(...args), {
      kind: 'bad-data',
      message: new RegExp(`^--${flag} is not supported yet: .*; leave it out$`),
    });
  };
  f('--query.mode=distributed');
  f('--query.enable-x-functions');
  f('--query.enforce-tenancy');
  f('--query.instant.default.max_source_resolution=5m');
  f('--selector.relabel-config=[]');
  f('--store.sd-files=a.yml');
  f('--store.limits.request-series=1');
  f('--store.limits.request-samples=1');
  f('--request.logging-config={}');
});
