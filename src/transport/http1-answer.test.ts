import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Http1Answer } from './http1-answer.ts';

/** Status, some headers and the body, as the sink hears of them. */
function hear(pieces: readonly string[], isEnded = true): string {
  let heard = '';
  let body = '';
  const answer = new Http1Answer({
    head: ({ status, headers }) => {
      heard += `${status} ${headers.get('content-type') ?? '-'}`;
    },
    data(bytes, start, end) {
      body += Buffer.from(bytes.subarray(start, end)).toString('latin1');
      return true;
    },
    end() {
      heard += ` [${body}]`;
    },
    fail: (error) => assert.fail(error),
  });
  for (const piece of pieces) answer.push(Buffer.from(piece, 'latin1'), piece.length);
  if (isEnded) answer.end();
  return heard;
}

function f(text: string, want: string): void {
  const whole = text.replaceAll('\n', '\r\n');
  assert.equal(hear([whole]), want);
  assert.equal(hear([...whole]), want, 'byte by byte');
  assert.equal(hear([text]), want, 'with bare line feeds');
}

test('bodies of every kind that HTTP/1.1 has', () => {
  f('HTTP/1.1 200 OK\nContent-Type: x\nContent-Length: 5\n\nhello', '200 x [hello]');
  f('HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n1;a=b\n!\n0\n\n', '200 - [hello!]');
  f('HTTP/1.1 200\nTransfer-Encoding: chunked\n\n5\nhello\n0\nTrailer: t\n\n', '200 - [hello]');
  f('HTTP/1.0 200 OK\ncontent-type:  y \n\nuntil the end', '200 y [until the end]');
  f('HTTP/1.1 204 No Content\n\n', '204 - []');
  f('HTTP/1.1 200 OK\nContent-Length: 0\n\n', '200 - []');
  f('HTTP/1.1 304 Not Modified\nTransfer-Encoding: chunked\n\n', '304 - []');
  f('HTTP/1.1 204 No Content\nTransfer-Encoding: chunked\n\n', '204 - []');
  f('HTTP/1.1 100 Continue\n\nHTTP/1.1 503 Busy\nContent-Length: 1\n\nz', '503 - [z]');
});

test('a head ends with its first empty line, however lines end', () => {
  const body = 'a\r\n\r\nbcd';
  for (const end of ['\n\n', '\n\r\n']) {
    const text = `HTTP/1.1 200 OK\nContent-Length: 8${end}${body}`;
    assert.equal(hear([text]), `200 - [${body}]`);
    assert.equal(hear([...text]), `200 - [${body}]`);
  }
});

test('of a header that comes twice both values count', () => {
  f('HTTP/1.1 200 OK\nContent-Type: a\nContent-Type: b\nContent-Length: 0\n\n', '200 a, b []');
  f('HTTP/1.1 200 OK\nContent-Length: 1\nContent-Length: 1\n\nz', '200 - [z]');
  const two = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nz';
  assert.throws(() => hear([two]), /content-length is 1, 2/);
});

test('a server that only ever says that it goes on is given up', () => {
  const interim = 'HTTP/1.1 102 Processing\r\n\r\n';
  const last = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
  assert.equal(hear([interim.repeat(5) + last]), '200 - []');
  assert.throws(() => hear([interim.repeat(6) + last]), /more than 5 answers of 1xx/);
});

test('an answer that is cut off is corrupt, wherever it is cut', () => {
  const text = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
  for (let length = 0; length < text.length; length++) {
    assert.throws(() => hear([text.slice(0, length)]), /the connection ended in the/);
  }
});

test('what is not HTTP is refused and shown', () => {
  const bad = (text: string, want: RegExp): void => assert.throws(() => hear([text]), want);
  bad('SSH-2.0-OpenSSH\r\n\r\n', /not HTTP: it begins with "SSH-2.0-OpenSSH"/);
  bad('HTTP/1.1 abc\r\n\r\n', /not HTTP/);
  bad('HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n', /"xyz" is no chunk size/);
  bad('HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n', /longer than its size/);
  bad('HTTP/1.1 200\r\nContent-Length: -1\r\n\r\n', /content-length is -1/);
  bad(`HTTP/1.1 200\r\nA: ${'a'.repeat(70_000)}`, /a line is too long/);
});
