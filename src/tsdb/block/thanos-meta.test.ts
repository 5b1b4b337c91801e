import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OperationError } from '../../base/errors.ts';
import { labelRecord } from '../../model/labels.ts';
import { type BlockMeta, parseBlockMeta } from './meta.ts';
import { NO_THANOS_META, parseThanosMeta, printThanosBlockMeta } from './thanos-meta.ts';

/** As Thanos 0.43's `tools bucket upload-blocks` wrote it, but for the digits of upload_time below milliseconds. */
const WRITTEN_BY_THANOS = `{
	"ulid": "01M86AWQWW6J2MR1PAY680Y932",
	"minTime": 1767225600000,
	"maxTime": 1767232792501,
	"stats": {
		"numSamples": 2980,
		"numFloatSamples": 2980,
		"numSeries": 7,
		"numChunks": 25
	},
	"compaction": {
		"level": 1,
		"sources": [
			"01M86AWQWW6J2MR1PAY680Y932"
		]
	},
	"version": 1,
	"thanos": {
		"labels": {
			"cluster": "demo",
			"region": "archive",
			"replica": "B"
		},
		"downsample": {
			"resolution": 0
		},
		"source": "bucket.upload",
		"segment_files": [
			"000001"
		],
		"files": [
			{
				"rel_path": "chunks/000001",
				"size_bytes": 10328
			},
			{
				"rel_path": "index",
				"size_bytes": 909
			},
			{
				"rel_path": "meta.json"
			}
		],
		"index_stats": {},
		"upload_time": "2026-11-24T08:31:24.129Z"
	}
}
`;

test('the section is read, and the file written again to the byte as Thanos did', () => {
  const meta = parse(WRITTEN_BY_THANOS);
  const section = parseThanosMeta(meta, 'meta.json');
  assert.deepEqual(labelRecord(section.labels), {
    cluster: 'demo',
    region: 'archive',
    replica: 'B',
  });
  assert.equal(section.source, 'bucket.upload');
  assert.equal(section.resolutionMs, 0);
  assert.deepEqual(
    section.files.map(({ path, sizeBytes }) => [path, sizeBytes]),
    [
      ['chunks/000001', 10328],
      ['index', 909],
      ['meta.json', undefined],
    ],
  );
  assert.equal(section.uploadTimeMs, Date.UTC(2026, 10, 24, 8, 31, 24, 129));
  assert.equal(print(meta), WRITTEN_BY_THANOS);
});

test('hashes, extensions, rewrites, a whole second and characters that Go escapes survive', () => {
  const section =
    '"labels":{"a":"<&>"},"downsample":{"resolution":300000},"source":"compactor",' +
    '"files":[{"rel_path":"index","size_bytes":3,"hash":{"hashFunc":"SHA256","value":"0a"}}],' +
    '"rewrites":[{"sources":["01M86AWQWW6J2MR1PAY680Y932"]}],' +
    '"index_stats":{"series_max_size":7},' +
    '"extensions":{"parquet_migrated":true},"upload_time":"2026-11-24T08:31:20Z"';
  const text = minimal(`,"thanos":{"version":1,${section}}`);
  const written = print(parse(text));
  assert.match(written, /"a": "\\u003c\\u0026\\u003e"/);
  assert.deepEqual(JSON.parse(written), JSON.parse(text));
});

test('a block without the section has none, and without upload time it gets the zero time', () => {
  const meta = parse(minimal(''));
  assert.deepEqual(parseThanosMeta(meta, 'meta.json'), NO_THANOS_META);
  assert.match(print(meta), /"upload_time": "0001-01-01T00:00:00Z"/);
});

test('what cannot be a section is refused by the name of its member', () => {
  const refuses = (section: string, want: RegExp): void => {
    const meta = parse(minimal(`,"thanos":${section}`));
    assert.throws(
      () => parseThanosMeta(meta, 'X/meta.json'),
      (error) =>
        error instanceof OperationError && error.kind === 'corrupt' && want.test(error.message),
    );
  };
  refuses('7', /X\/meta\.json: thanos is no object/);
  refuses('{"version":2}', /thanos\.version is 2, 1 can be read/);
  refuses('{"labels":["a"]}', /thanos\.labels is no object/);
  refuses('{"labels":{"a":1}}', /thanos\.labels\.a is no text/);
  refuses('{"downsample":{"resolution":"5m"}}', /thanos\.downsample\.resolution/);
});

function minimal(more: string): string {
  return (
    '{"ulid":"01M86DRXAN3QKEWVQDHA8AGHMK","minTime":0,"maxTime":10,"stats":{"numSeries":3},' +
    `"compaction":{"level":1},"version":1${more}}`
  );
}

function parse(text: string): BlockMeta {
  return parseBlockMeta(new TextEncoder().encode(text), 'meta.json');
}

function print(meta: BlockMeta): string {
  return new TextDecoder().decode(printThanosBlockMeta(meta, parseThanosMeta(meta, 'meta.json')));
}
