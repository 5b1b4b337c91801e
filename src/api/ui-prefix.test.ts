import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { sanitizePrefix, webPrefix } from './ui-prefix.ts';

test('a prefix is a plain path, whatever was given', () => {
  const f = (given: string, want: string): void => assert.equal(sanitizePrefix(given), want, given);
  f('', '');
  f('/', '');
  f('//', '');
  f('http://example.com', '');
  f('http://example.com/', '');
  f('http://example.com/test', '/test');
  f('http://example.com/test/', '/test');
  f('test', '/test');
  f('/test', '/test');
  f('/test/', '/test');
  f('/test//deep/./x/../', '/test/deep');
  f('../../up', '/up');
  f('//other.example/x', '/x');
  f('/a?b#c', '/a');
});

test('a prefix cannot break out of the page, nor lead to another server', () => {
  const f = (given: string, want: string): void => assert.equal(sanitizePrefix(given), want, given);
  f('/"><script>', '/%22%3E%3Cscript%3E');
  f("/'x", '/%27x');
  f('/\\other.example', '/%5Cother.example');
  f('/%2F%2Fother.example', '/other.example');
  f('/a%20b%3A%2F%2Fc', '/a%20b:/c');
  f('/%zz', '');
  f('/한글', '/%ED%95%9C%EA%B8%80');
});

test('the flag wins over the header, and a header that was not named counts for nothing', () => {
  const headers = { 'x-forwarded-prefix': '/from-header/' };
  const f = (externalPrefix: string, prefixHeader: string, want: string): void =>
    assert.equal(webPrefix({ externalPrefix, prefixHeader }, headers), want);
  f('', 'X-Forwarded-Prefix', '/from-header');
  f('/flag', 'X-Forwarded-Prefix', '/flag');
  f('', '', '');
  f('', 'X-Other', '');
});
