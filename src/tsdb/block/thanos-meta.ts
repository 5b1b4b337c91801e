/** The section `thanos` of a block's meta.json. Source: docs/formats/meta-json.md. */
import { OperationError } from '../../base/errors.ts';
import { type Labels, labelRecord, labelsOf, NO_LABELS } from '../../model/labels.ts';
import { countOf, isRecord, listOf, recordOf, textsOf } from './json-members.ts';
import { type BlockMeta, printBlockMeta } from './meta.ts';

export interface ThanosMeta {
  /** 1 as compactors write it; 0, which is left out and means the same, as shippers do. */
  readonly version: number;
  /** External labels of who made the block: none where the section is absent. */
  readonly labels: Labels;
  /** Milliseconds between samples of a downsampled block; 0 for raw samples. */
  readonly resolutionMs: number;
  /** Who uploaded it: sidecar, receive, ruler, compactor, bucket.upload, … */
  readonly source: string;
  /** Names in `chunks/`; older writers give only these, newer ones `files` too. */
  readonly segmentFiles: readonly string[];
  /** All files of the block, ascending by path; empty where the writer was too old to tell. */
  readonly files: readonly BlockFile[];
  /** What `tools bucket rewrite` did to it: kept as it is. */
  readonly rewrites: readonly unknown[];
  readonly indexStats: { readonly seriesMaxBytes: number; readonly chunkMaxBytes: number };
  /** Of other programs: kept as it is. */
  readonly extensions: unknown;
  /** When meta.json was uploaded, in milliseconds; undefined where nobody said. */
  readonly uploadTimeMs: number | undefined;
}

export interface BlockFile {
  /** From the block's directory: `chunks/000001`, `index`, `meta.json`. */
  readonly path: string;
  /** Undefined for meta.json, which cannot tell its own. */
  readonly sizeBytes: number | undefined;
  readonly hash: FileHash | undefined;
}

export interface FileHash {
  /** `SHA256` is the only one. */
  readonly algorithm: string;
  /** Hexadecimal. */
  readonly value: string;
}

export const NO_THANOS_META: ThanosMeta = {
  version: 0,
  labels: NO_LABELS,
  resolutionMs: 0,
  source: '',
  segmentFiles: [],
  files: [],
  rewrites: [],
  indexStats: { seriesMaxBytes: 0, chunkMaxBytes: 0 },
  extensions: undefined,
  uploadTimeMs: undefined,
};

const VERSION = 1;
/** Go's zero time. */
const NO_TIME = '0001-01-01T00:00:00Z';

/**
 * The section of a parsed meta.json; an absent one is empty. Throws OperationError 'corrupt' naming the path and
 * the member where labels, resolution or version are not what they have to be.
 */
export function parseThanosMeta(meta: BlockMeta, path: string): ThanosMeta {
  const section = meta.document.thanos;
  if (section === undefined || section === null) return NO_THANOS_META;
  if (!isRecord(section)) throw damaged(path, 'thanos is no object');
  const { version = 0, source, extensions } = section;
  if (version !== 0 && version !== VERSION) {
    const found = JSON.stringify(version);
    throw damaged(path, `thanos.version is ${found}, ${VERSION} can be read`);
  }
  const { series_max_size, chunk_max_size } = recordOf(section.index_stats);
  return {
    version,
    labels: parseLabels(section.labels, path),
    resolutionMs: parseResolution(section.downsample, path),
    source: typeof source === 'string' ? source : '',
    segmentFiles: textsOf(section.segment_files),
    files: listOf(section.files).flatMap(parseFile),
    rewrites: listOf(section.rewrites),
    indexStats: {
      seriesMaxBytes: countOf(series_max_size),
      chunkMaxBytes: countOf(chunk_max_size),
    },
    extensions,
    uploadTimeMs: parseTime(section.upload_time),
  };
}

/** A meta.json with this section, byte for byte as Thanos writes it. */
export function printThanosBlockMeta(meta: BlockMeta, section: ThanosMeta): Uint8Array {
  const document = { ...meta.document, thanos: thanosDocument(section) };
  const bytes = printBlockMeta({ ...meta, document });
  const line = new Uint8Array(bytes.length + 1);
  line.set(bytes);
  line[bytes.length] = 0x0a;
  return line;
}

function thanosDocument(meta: ThanosMeta): Record<string, unknown> {
  const { seriesMaxBytes, chunkMaxBytes } = meta.indexStats;
  return {
    version: meta.version || undefined,
    labels: labelRecord(meta.labels),
    downsample: { resolution: meta.resolutionMs },
    source: meta.source,
    segment_files: filled(meta.segmentFiles),
    files: filled(meta.files.map(fileDocument)),
    rewrites: filled(meta.rewrites),
    index_stats: {
      series_max_size: seriesMaxBytes || undefined,
      chunk_max_size: chunkMaxBytes || undefined,
    },
    extensions: meta.extensions ?? undefined,
    upload_time: printTime(meta.uploadTimeMs),
  };
}

/** Members that are undefined are not printed. */
function filled<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}

function fileDocument({ path, sizeBytes, hash }: BlockFile): Record<string, unknown> {
  return {
    rel_path: path,
    size_bytes: sizeBytes === 0 ? undefined : sizeBytes,
    hash: hash === undefined ? undefined : { hashFunc: hash.algorithm, value: hash.value },
  };
}

function parseFile(value: unknown): BlockFile[] {
  const { rel_path, size_bytes, hash } = recordOf(value);
  if (typeof rel_path !== 'string') return [];
  const { hashFunc, value: digest } = recordOf(hash);
  const isHashed = typeof hashFunc === 'string' && hashFunc !== '' && typeof digest === 'string';
  return [
    {
      path: rel_path,
      sizeBytes: typeof size_bytes === 'number' ? size_bytes : undefined,
      hash: isHashed ? { algorithm: hashFunc, value: digest } : undefined,
    },
  ];
}

function parseLabels(value: unknown, path: string): Labels {
  if (value === undefined || value === null) return NO_LABELS;
  if (!isRecord(value)) throw damaged(path, 'thanos.labels is no object');
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw damaged(path, `thanos.labels.${name} is no text`);
  }
  return labelsOf(value as Record<string, string>);
}

function parseResolution(value: unknown, path: string): number {
  const { resolution = 0 } = recordOf(value);
  if (Number.isSafeInteger(resolution)) return resolution as number;
  throw damaged(path, 'thanos.downsample.resolution is no number of milliseconds');
}

function parseTime(value: unknown): number | undefined {
  if (typeof value !== 'string' || value === NO_TIME) return undefined;
  const timeMs = Date.parse(value);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** As Go prints times: without zeros at the end of the fraction. */
function printTime(timeMs: number | undefined): string {
  if (timeMs === undefined) return NO_TIME;
  return new Date(timeMs).toISOString().replace(/\.?0+Z$/, 'Z');
}

function damaged(path: string, how: string): OperationError {
  return new OperationError('corrupt', `cannot read ${path}: ${how}`);
}
