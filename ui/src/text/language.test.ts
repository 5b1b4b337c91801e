import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { preferredLanguage } from './language.ts';

test('the first of the languages that the browser names and the UI speaks is used', () => {
  const f = (tags: readonly string[], want: string): void =>
    assert.equal(preferredLanguage(tags), want, tags.join());
  f(['ko-KR', 'en-US'], 'ko');
  f(['en-GB', 'ko'], 'en');
  f(['de', 'ko'], 'ko');
  f(['KO'], 'ko');
  f(['kok'], 'en');
  f([], 'en');
});
