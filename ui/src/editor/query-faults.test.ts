import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { FULL_SYNTAX } from '../../../src/promql/parse/syntax-options.ts';
import { faultOfMessage, faultOfRemark, parseQuery, sourceOf } from './query-faults.ts';

function faultOf(query: string) {
  const parsed = parseQuery(query, FULL_SYNTAX);
  assert.equal(parsed.kind, 'faulty', query);
  return parsed.kind === 'faulty' ? parsed.fault : assert.fail();
}

function exprOf(query: string) {
  const parsed = parseQuery(query, FULL_SYNTAX);
  return parsed.kind === 'parsed' ? parsed.expr : assert.fail(query);
}

test('a fault underlines its word with the text of Prometheus', () => {
  const query = 'sum(rate(http_total))';
  const { from, to, text } = faultOf(query);
  assert.equal(query.slice(from, to), 'http_total');
  assert.equal(
    text,
    '1:10: parse error: expected type range vector in call to function "rate", got instant vector',
  );
});

test('a fault after characters of several bytes underlines the right ones', () => {
  const query = 'sum({"온도"}) + nope(1)';
  const { from, to } = faultOf(query);
  assert.equal(query.slice(from, to), 'nope');
});

test('a fault at the end underlines the last character', () => {
  const query = 'sum(up';
  const { from, to, text } = faultOf(query);
  assert.deepEqual([from, to], [5, 6]);
  assert.equal(text, '1:7: parse error: unclosed left parenthesis');
});

test('nothing to parse is no fault', () => {
  assert.equal(parseQuery(' \n', FULL_SYNTAX).kind, 'empty');
});

test('a message of the server leads to the place it names', () => {
  const query = 'sum(up)\n  by';
  const fault = faultOfMessage(
    query,
    'invalid parameter "query": 2:3: parse error: unexpected <by>',
  );
  assert.equal(query.slice(fault?.from, fault?.to), 'by');
  assert.equal(fault?.text, '2:3: parse error: unexpected <by>');
  assert.equal(faultOfMessage(query, 'query timed out in expression evaluation'), undefined);
});

test('a remark underlines the smallest expression at its place', () => {
  const query = 'rate(up[5m]) + 1';
  const info = 'PromQL info: metric might not be a counter: "up" (1:6)';
  const fault = faultOfRemark(query, info, exprOf(query));
  assert.equal(query.slice(fault?.from, fault?.to), 'up');
  assert.equal(fault?.severity, 'info');
  const warning = 'PromQL warning: bucket label "le" is missing (1:1)';
  const other = faultOfRemark(query, warning, exprOf(query));
  assert.equal(query.slice(other?.from, other?.to), 'rate(up[5m])');
  assert.equal(other?.severity, 'warning');
  assert.equal(faultOfRemark(query, 'receive series from store-a: gone', undefined), undefined);
});

test('the source of an expression is its part of the query', () => {
  const query = '  sum({"온도"} * 2)';
  const expr = exprOf(query);
  assert.equal(sourceOf(query, expr), 'sum({"온도"} * 2)');
});
