import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { FUNCTIONS } from '../../../src/promql/parse/functions.ts';
import { promqlTexts } from '../text/promql.ts';
import { printSignature } from './function-signature.ts';

test('each function of the parser is explained in both languages, and no other', () => {
  for (const language of ['en', 'ko'] as const) {
    assert.deepEqual(
      Object.keys(promqlTexts(language).functions).sort(),
      [...FUNCTIONS.keys()].sort(),
    );
  }
});

test('a signature names what may be left out or repeated', () => {
  const { types } = promqlTexts('en');
  const signature = (name: string, want: string) => {
    const found = FUNCTIONS.get(name);
    assert.ok(found);
    assert.equal(printSignature(found, types), want);
  };
  signature('rate', 'rate(v range vector)');
  signature('round', 'round(v instant vector, multiple scalar?)');
  signature('time', 'time()');
  signature('histogram_quantile', 'histogram_quantile(φ scalar, b instant vector)');
  signature(
    'label_join',
    'label_join(v instant vector, target string, separator string, source string…)',
  );
});
