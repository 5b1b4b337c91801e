import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { readListPage } from './s3-list.ts';

function pageOf(content: string, version: 1 | 2 = 2, from = '') {
  const xml = `<?xml version="1.0"?><ListBucketResult>${content}</ListBucketResult>`;
  return readListPage(xml, { prefix: '', recursive: true, version, from });
}

function keyOf(text: string): string {
  return `<Contents><Key>${text}</Key><Size>1</Size></Contents>`;
}

test('a list that says that more follows, but not from where, is not taken for the whole', () => {
  const more = '<IsTruncated>true</IsTruncated>';
  const f = (content: string, version: 1 | 2, from = ''): void =>
    assert.throws(() => pageOf(content + more, version, from), { kind: 'unavailable' });
  f(keyOf('a'), 2);
  f('', 1);
  f(`${keyOf('a')}<NextContinuationToken>t</NextContinuationToken>`, 2, 't');
  f(keyOf('a'), 1, 'a');
  assert.equal(pageOf(keyOf('a') + more, 1).next, 'a');
  const token = '<NextContinuationToken>u</NextContinuationToken>';
  assert.equal(pageOf(keyOf('a') + more + token, 2, 't').next, 'u');
});

test('names that are not encoded as they should be make the list unreadable', () => {
  const encoded = '<EncodingType>url</EncodingType>';
  const f = (content: string): void =>
    assert.throws(() => pageOf(content), { kind: 'unavailable' });
  f(encoded + keyOf('100%'));
  f(keyOf('a&#x110000;'));
  f(keyOf('a&#zz;'));
  assert.equal(pageOf(encoded + keyOf('100%25')).entries[0]?.name, '100%');
  assert.equal(pageOf(keyOf('a&#x41;&#66;&amp;')).entries[0]?.name, 'aAB&');
});
