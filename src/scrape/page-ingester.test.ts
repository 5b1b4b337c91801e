import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsOf } from '../model/labels.ts';
import type { RelabelConfig } from '../model/relabel-config.ts';
import { ingestScript } from './testing/ingest-script.ts';

test('series that are gone go stale, and come back as the same series', async () => {
  const script = ingestScript({});
  await script.scrape('a 1\nb{x="y"} 2\n');
  assert.deepEqual(script.appended(), ['1000 a 1', '1000 b{x="y"} 2']);
  assert.equal(script.reports.scrape_series_added, '2');
  await script.scrape('a 1\n');
  assert.deepEqual(script.appended(), ['2000 a 1', '2000 b{x="y"} stale']);
  await script.scrape('a 2\nb{x="y"} 3\n');
  assert.deepEqual(script.appended(), ['3000 a 2', '3000 b{x="y"} 3']);
  assert.deepEqual(
    [script.reports.scrape_series_added, script.reports.scrape_samples_scraped],
    ['1', '2'],
  );
  await script.scrape(undefined);
  assert.deepEqual(script.appended(), ['4000 a stale', '4000 b{x="y"} stale']);
  assert.equal(script.reports.up, '0');
  await script.scrape(undefined);
  assert.deepEqual(script.appended(), []);
  await script.scrape('a 2\nb{x="y"} 3\n');
  assert.deepEqual(script.appended(), ['6000 a 2', '6000 b{x="y"} 3']);
  assert.equal(script.reports.scrape_series_added, '0');
  await script.port.endTarget(1, 9000);
  assert.deepEqual(script.appended(), ['9000 a stale', '9000 b{x="y"} stale']);
  assert.equal(script.reports.up, 'stale');
});

test('a series that is spelled anew is the same series', async () => {
  const script = ingestScript({});
  await script.scrape('a{x="1",y="2"} 1\n');
  await script.scrape('a{y="2",x="1"} 2\n');
  assert.deepEqual(script.appended(), ['1000 a{x="1", y="2"} 1', '2000 a{x="1", y="2"} 2']);
});

test('nothing of a page with a mistake is appended; series before it do not go stale', async () => {
  const script = ingestScript({});
  await script.scrape('a 1\nb 2\nc 3\n');
  script.appended();
  const result = await script.scrape('a 1\nnew 5\n}bad\nc 3\n');
  assert.match(result.error, /expected a valid start token/);
  assert.deepEqual(script.appended(), ['2000 b stale', '2000 c stale']);
  const { up, scrape_samples_scraped, scrape_series_added } = script.reports;
  assert.deepEqual([up, scrape_samples_scraped, scrape_series_added], ['0', '2', '1']);
  await script.scrape('a 1\nnew 5\n}bad\nc 3\n');
  assert.equal(script.reports.scrape_series_added, '0');
  await script.scrape('a 1\nb 2\nc 3\n');
  assert.deepEqual(script.appended(), ['4000 a 1', '4000 b 2', '4000 c 3']);
});

test('labels of the target win unless they are honored; an empty one asks for none', async () => {
  const page = 'a{job="own",exported_job="x",instance="",z="1"} 1\n';
  const f = async (honorLabels: boolean, want: string) => {
    const script = ingestScript({ honorLabels });
    await script.scrape(page);
    assert.deepEqual(script.appended(), [want]);
  };
  await f(false, '1000 a{exported_exported_job="own", exported_job="x", z="1"} 1');
  await f(true, '1000 a{exported_job="x", job="own", z="1"} 1');
});

test('times of the page are taken, ignored or refused', async () => {
  const script = ingestScript({});
  const result = await script.scrape('a 1 500\nb 2 600\na 3 700\nc 4 99999999\nd 5\nd 6\n');
  assert.deepEqual(script.appended(), ['500 a 1', '600 b 2', '700 a 3', '1000 d 5']);
  assert.deepEqual([result.counts.outOfBounds, result.counts.duplicate], [1, 1]);
  await script.scrape('d 6\n');
  assert.deepEqual(script.appended(), ['2000 d 6'], 'no stale markers for series with times');
  const tracking = ingestScript({ trackTimestampsStaleness: true });
  await tracking.scrape('a 1 500\n');
  await tracking.scrape('b 1\n');
  assert.deepEqual(tracking.appended(), ['500 a 1', '2000 b 1', '2000 a stale']);
  const ignoring = ingestScript({ honorTimestamps: false });
  await ignoring.scrape('a 1 500\n');
  assert.deepEqual(ignoring.appended(), ['1000 a 1']);
});

test('limits refuse the whole page', async () => {
  const f = async (settings: object, page: string, want: RegExp, counter: string) => {
    const script = ingestScript(settings);
    const { error, counts } = await script.scrape(page);
    assert.match(error, want);
    assert.equal(Object.entries(counts).find(([, count]) => count > 0)?.[0], counter);
    assert.deepEqual([script.appended(), script.reports.up], [[], '0']);
  };
  await f({ sampleLimit: 1 }, 'a 1\nb 2\n', /^sample limit exceeded$/, 'sampleLimit');
  await f(
    { labelLimit: 3 },
    'a{b="c"} 1\n',
    /^label_limit exceeded \(metric: a, number of labels: 4, limit: 3\)$/,
    'labelLimit',
  );
  await f(
    { labelNameLengthLimit: 8 },
    'a{longname1="c"} 1\n',
    /^label_name_length_limit exceeded \(metric: a, label name: longname1, length: 9, limit: 8\)$/,
    'labelLimit',
  );
  await f(
    { labelValueLengthLimit: 3 },
    'a{b="cccc"} 1\n',
    /^label_value_length_limit exceeded \(metric: a, label name: b, value: "cccc", length: 4, limit: 3\)$/,
    'labelLimit',
  );
  const bad = ingestScript({ validationScheme: 'legacy' });
  const { error } = await bad.scrape('{"a.b"} 1\n');
  assert.match(error, /^invalid metric name or label names: \{__name__="a.b"/);
});

test('the sample limit keeps new series out of the head', async () => {
  const script = ingestScript({ sampleLimit: 2 });
  const { samplesScraped, samplesPostRelabel } = await script.scrape('a 1\nb 2\nc 3\nd 4\n');
  assert.deepEqual([samplesScraped, samplesPostRelabel], [4, 4]);
  assert.equal(script.appender.seriesMade, 2 + 5);
});

test('relabeling drops series, which count as scraped only', async () => {
  const drop: RelabelConfig = {
    sourceLabels: ['__name__'],
    separator: ';',
    regex: 'b',
    modulus: 0,
    targetLabel: '',
    replacement: '$1',
    action: 'drop',
  };
  const script = ingestScript({ metricRelabelConfigs: [drop] });
  for (let i = 0; i < 2; i++) {
    const result = await script.scrape('a 1\nb 2\n');
    assert.deepEqual([result.samplesScraped, result.samplesPostRelabel], [2, 1]);
  }
  assert.deepEqual(script.appended(), ['1000 a 1', '2000 a 1']);
});

test('a series that the head forgot is made again, with its report', async () => {
  const script = ingestScript({});
  await script.scrape('a 1\nb 2\n');
  script.appender.forget(labelsOf({ __name__: 'a', instance: 'i', job: 'j' }));
  script.appender.forget(labelsOf({ __name__: 'up', instance: 'i', job: 'j' }));
  await script.scrape('a 3\nb 4\n');
  assert.deepEqual(script.appended().slice(2), ['2000 b 4', '2000 a 3']);
  await script.scrape('b 4\n');
  assert.deepEqual(script.appended(), ['3000 b 4', '3000 a stale']);
  assert.equal(script.reports.up, '1');
});

test('a commit that fails is an error, and the next scrape goes on', async () => {
  const script = ingestScript({});
  await script.scrape('a 1\n');
  script.appended();
  script.appender.failNextCommit('the disk is full');
  await assert.rejects(script.scrape('a 2\n'), /the disk is full/);
  await script.scrape('a 3\n');
  assert.deepEqual(script.appended(), ['3000 a 3']);
});

test('exemplars go with their samples, those without a time once', async () => {
  const script = ingestScript({});
  await script.scrape(
    '# TYPE a counter\na_total 1 # {t="x"} 0.5\na_total{b="c"} 2 # {} 1 0.25\n# EOF\n',
    'openmetrics',
  );
  await script.scrape('# TYPE a counter\na_total 2 # {t="x"} 0.5\n# EOF\n', 'openmetrics');
  const got = script.appender.exemplars.map(({ exemplar }) => exemplar);
  assert.deepEqual(got, [
    { labels: ['t', 'x'], value: 0.5, time: 1000 },
    { labels: [], value: 1, time: 250 },
  ]);
});

test('metadata is kept for ten scrapes after it was seen last', async () => {
  const script = ingestScript({});
  const page = '# HELP a What.\n# TYPE a counter\na 1\n';
  await script.scrape(page);
  await script.scrape(page);
  await script.scrape('# HELP a Other.\n# TYPE a counter\na 1\n# TYPE b gauge\nb 1\n');
  assert.deepEqual(await script.port.metadata(1), [
    { metric: 'a', type: 'counter', help: 'Other.', unit: '' },
    { metric: 'b', type: 'gauge', help: '', unit: '' },
  ]);
  const shorter = '# HELP a Other.\n# TYPE a counter\na 1\n';
  for (let i = 0; i < 10; i++) await script.scrape(shorter);
  assert.equal((await script.port.metadata(1)).length, 2);
  await script.scrape(shorter);
  assert.deepEqual(
    (await script.port.metadata(1)).map(({ metric }) => metric),
    ['a'],
  );
});

test('extra report series tell timeout, limit and size', async () => {
  const script = ingestScript({ extraScrapeMetrics: true, sampleLimit: 9, timeoutMs: 2500 });
  await script.scrape('a 1\n');
  const { scrape_timeout_seconds, scrape_sample_limit, scrape_body_size_bytes } = script.reports;
  assert.deepEqual(
    [scrape_timeout_seconds, scrape_sample_limit, scrape_body_size_bytes],
    ['2.5', '9', '4'],
  );
});
