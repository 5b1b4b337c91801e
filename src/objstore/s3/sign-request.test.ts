import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { DayKeys, encodePath, queryText, signV2, signV4 } from './sign-request.ts';

const keys = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: '',
};

test('version 4 signs every header, the token among them', () => {
  const request = {
    method: 'GET',
    host: 'b.s3.amazonaws.com',
    path: '/a%20b',
    query: [
      ['prefix', 'x y'],
      ['delimiter', '/'],
    ] as const,
    headers: { range: 'bytes=0-9' },
  };
  const nowMs = Date.parse('2013-05-24T00:00:00Z');
  const signing = { keys: { ...keys, sessionToken: 't' }, region: 'eu-1', nowMs, hostBucket: '' };
  const { authorization, ...rest } = signV4(request, signing, new DayKeys());
  assert.deepEqual(rest, {
    range: 'bytes=0-9',
    host: 'b.s3.amazonaws.com',
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    'x-amz-date': '20130524T000000Z',
    'x-amz-security-token': 't',
  });
  assert.match(
    authorization,
    /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/20130524\/eu-1\/s3\/aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
  );
});

test('version 2 signs the path with the bucket, whether it is sent there or in the host', () => {
  const request = { method: 'PUT', host: 'x', query: [['partNumber', '2']] as const, headers: {} };
  const signing = { keys, region: '', nowMs: Date.parse('2007-03-27T19:36:42Z') };
  const inPath = signV2({ ...request, path: '/b/photo' }, { ...signing, hostBucket: '' });
  const inHost = signV2({ ...request, path: '/photo' }, { ...signing, hostBucket: 'b' });
  assert.equal(inPath.authorization, inHost.authorization);
  assert.equal(inPath.date, 'Tue, 27 Mar 2007 19:36:42 GMT');
});

test('names and parameters are encoded as they are signed', () => {
  assert.equal(encodePath("a b/é+%/(!'*)~-_."), 'a%20b/%C3%A9%2B%25/%28%21%27%2A%29~-_.');
  const query = [
    ['uploads', ''],
    ['a', '/ &'],
  ] as const;
  assert.equal(queryText(query), 'a=%2F%20%26&uploads=');
});
