import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { printLabels, quoteText } from './labels-text.ts';

test('texts are quoted as by strconv.Quote', () => {
  const f = (text: string, want: string): void => assert.equal(quoteText(text), want);
  f('a b', '"a b"');
  f('a"b\\c', '"a\\"b\\\\c"');
  f('\x07\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"');
  f('\0\x1f\x7f', '"\\x00\\x1f\\x7f"');
  f('é\u00ad\u200b\u00a0', '"é\\u00ad\\u200b\\u00a0"');
  f('\ufffd\u2028\ue000', '"\ufffd\\u2028\\ue000"');
  f('\u{1f600}\u{e0001}', '"\u{1f600}\\U000e0001"');
  f('日本', '"日本"');
});

test('label sets are printed with names quoted where they must be', () => {
  assert.equal(printLabels([]), '{}');
  assert.equal(printLabels(['a', '1', 'b.c', '"']), '{a="1", "b.c"="\\""}');
});
