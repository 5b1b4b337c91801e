import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import { acceptHeader, pageFormat } from './negotiation.ts';
import { PROTOBUF_FIRST_PROTOCOLS, type ScrapeProtocol } from './scrape-config.ts';
import { scrapeConfig } from './testing/scrape-config.ts';

test('protocols are asked for in order, as Prometheus 3.14 asks', () => {
  const { scrapeProtocols, metricNameEscapingScheme } = scrapeConfig({});
  assert.equal(
    acceptHeader(scrapeProtocols, metricNameEscapingScheme),
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,' +
      'application/openmetrics-text;version=0.0.1;q=0.5,' +
      'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
  );
  assert.match(
    acceptHeader(PROTOBUF_FIRST_PROTOCOLS, 'underscores'),
    /^application\/vnd.google.protobuf;.*encoding=delimited;q=0.6,.*escaping=underscores;q=0.5,.*\*\/\*;q=0.1$/,
  );
});

test('the Content-Type chooses the parser; without one only a fallback does', () => {
  const f = (type: string | undefined, want: string, fallback?: ScrapeProtocol) => {
    let got: string;
    try {
      got = pageFormat(type, fallback);
    } catch (error) {
      got = error instanceof OperationError ? error.message : 'not an operating error';
    }
    assert.equal(got, want);
  };
  f('text/plain; version=0.0.4; charset=utf-8', 'text');
  f('application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics');
  f('Application/Vnd.google.protobuf; proto="io.prometheus.client.MetricFamily"', 'protobuf');
  f('text/html', 'text', 'PrometheusText0.0.4');
  f(undefined, 'openmetrics', 'OpenMetricsText0.0.1');
  f(
    undefined,
    'non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target',
  );
  f(
    'text/html',
    'received unsupported Content-Type "text/html" and no fallback_scrape_protocol specified for target',
  );
  f(';;', 'cannot parse Content-Type ";;" and no fallback_scrape_protocol for target');
});
