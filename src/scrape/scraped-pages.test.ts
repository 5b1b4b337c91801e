import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { testKernel } from '../base/testing/kernel.ts';
import type { PageFormat } from './ingest-port.ts';
import { readScrapedPage } from './read-scraped-page.ts';
import { ingestScript, targetSettings } from './testing/ingest-script.ts';
import { pageText } from './testing/page-text.ts';
import { PROTOBUF_PAGE, PROTOBUF_VERDICTS } from './testing/protobuf-verdicts.data.ts';

const kernel = testKernel();
const PAGE = new Uint8Array(Buffer.from(PROTOBUF_PAGE, 'base64'));
const SUITE = new URL('../../../shared/conformance/textparse/', import.meta.url);
const skip = existsSync(SUITE) ? false : 'no ../shared/conformance beside the repository';

function read(
  bytes: Uint8Array,
  format: PageFormat,
  [native, classic, convert]: readonly [boolean, boolean, boolean],
): readonly string[] {
  const settings = targetSettings({
    scrapeNativeHistograms: native,
    alwaysScrapeClassicHistograms: classic,
    convertClassicHistogramsToNhcb: convert,
  });
  const page = readScrapedPage(kernel, { kind: 'page', bytes, format }, settings, undefined);
  const text = pageText(kernel, page);
  page.release();
  return text;
}

test('protobuf pages are read as Prometheus reads them', () => {
  for (const [settings, want] of PROTOBUF_VERDICTS) {
    assert.deepEqual(read(PAGE, 'protobuf', settings), want);
  }
});

test('protobuf pages that are cut off or changed have a fault and do no harm', () => {
  for (let end = 1; end < PAGE.length; end++) {
    const text = read(PAGE.subarray(0, end), 'protobuf', [true, true, true]);
    assert.ok(text.length > 0 || end < 60);
  }
  fc.assert(
    fc.property(fc.nat(PAGE.length - 1), fc.nat(255), (at, byte) => {
      const changed = PAGE.slice();
      changed[at] = byte;
      read(changed, 'protobuf', [true, true, true]);
    }),
    { numRuns: 500 },
  );
});

test('the page of one histogram becomes one series with custom buckets', { skip }, () => {
  const bytes = new Uint8Array(readFileSync(new URL('1histogram.om.txt', SUITE)));
  const plain = read(bytes, 'openmetrics', [false, false, false]);
  const converted = read(bytes, 'openmetrics', [false, false, true]);
  const both = read(bytes, 'openmetrics', [false, true, true]);
  assert.ok(plain.length > converted.length);
  const native = converted.filter((line) => line.includes(' -53 '));
  assert.ok(native.length > 0);
  assert.equal(both.length, plain.length + native.length);
});

test('native histograms are appended, limited, and go stale', async () => {
  // Two rows are far ahead of the clock, one is a series for the second time.
  const count = PROTOBUF_VERDICTS[1][1].length - 3;
  const settings = { scrapeNativeHistograms: true, nativeHistogramBucketLimit: 5 };
  const script = ingestScript(settings);
  for (let i = 0; i < 2; i++) {
    const result = await script.scrape(PAGE.slice(), 'protobuf');
    assert.deepEqual([result.error, result.seriesAdded], ['', i === 0 ? count : 0]);
  }
  const histograms = script.appended().filter((line) => line.includes('"schema"'));
  const limited = histograms.find((line) => line.includes('n{a="b"}')) ?? '';
  assert.match(limited, /"schema":2,.*"positiveBuckets":\{"0":4,"1":4,"2":6\}/);
  await script.scrape(undefined);
  assert.equal(script.appended().length, count);
  const strict = ingestScript({
    ...settings,
    convertClassicHistogramsToNhcb: true,
    nativeHistogramBucketLimit: 3,
  });
  const { error, counts } = await strict.scrape(PAGE.slice(), 'protobuf');
  assert.deepEqual([error, counts.bucketLimit], ['histogram bucket limit exceeded', 1]);
});
