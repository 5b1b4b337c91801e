import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import { checkPrometheusFlags } from './prometheus-flags.ts';

const PATH = 'data/thanos.shipper.json';

test('flags of Prometheus are accepted, warned of or refused by what they do to blocks', () => {
  const f = (given: readonly [string, string, string], want: RegExp | number, ignores = false) => {
    const [shortest, longest, delay] = given;
    const flags = {
      'storage.tsdb.min-block-duration': shortest,
      'storage.tsdb.max-block-duration': longest,
      'storage.tsdb.delay-compact-file.path': delay,
    };
    const check = (): readonly string[] =>
      checkPrometheusFlags(flags, { uploadedPath: PATH, ignoresBlockSize: ignores });
    if (typeof want === 'number') assert.equal(check().length, want);
    else {
      assert.throws(check, (error) => {
        return error instanceof OperationError && want.test(error.message);
      });
    }
  };
  f(['2h', '2h', ''], 0);
  f(['2h', '120m', ''], 0);
  f(['2h', '36h', ''], /min-block-duration=2h and .*max-block-duration=36h.*set both to 2h/);
  f(['2h', '0s', ''], /set both to 2h/);
  f(['2h', '36h', ''], 1, true);
  f(['2h', '36h', PATH], 0);
  f(['2h', '36h', `./x/../${PATH}`], 0);
  f(['2h', '2h', 'other.json'], /other\.json.*data\/thanos\.shipper\.json.*same path/);
  f(['10m', '10m', ''], 1);
});
