/** Systems that are broken on purpose, each in one way that the simulation must notice. */
import { crc32c } from '@node-rs/crc32';
import type { FaultyFiles } from '../../src/base/testing/faulty-files.ts';
import { STALE_HIGH, STALE_LOW } from '../../src/model/stale.ts';
import type { Appender } from '../../src/storage/appender.ts';
import { LOG } from './chaos.ts';
import type { RangeAnswer } from './querier.ts';
import { seriesName } from './querier.ts';
import type { Replica } from './replica.ts';
import type { Sabotage } from './world.ts';

export const SABOTEURS: Readonly<Record<string, Sabotage>> = {
  'deduplication is off': { neverDeduplicates: true },
  'the last write is dropped': { onRestart: dropLastWrite },
  'checksums are not looked at': { onRot: makeChecksumsRight },
  'tombstones are ignored': { ignoresDeletions: true },
  'stale markers are left out': { wrapAppender: withoutMarkers },
  'what the spare replica has in a gap is lost': { changeMerged: withoutSpare },
};

const TAIL_BYTES = 24;

/** What was acknowledged last was not in the file when the process died. */
function dropLastWrite(files: FaultyFiles): void {
  if (files.stat(LOG) === undefined) return;
  const sizeOf = (name: string): number => files.stat(`${LOG}/${name}`)?.sizeBytes ?? 0;
  const last = files
    .list(LOG)
    .filter((name) => /^\d{8}$/.test(name) && sizeOf(name) > TAIL_BYTES)
    .at(-1);
  if (last === undefined) return;
  using file = files.openToWrite(`${LOG}/${last}`);
  file.truncate(sizeOf(last) - TAIL_BYTES);
}

const PAGE_BYTES = 32_768;
const HEADER_BYTES = 7;

/**
 * A reader that does not look at checksums takes what it finds. It is had by giving every fragment the checksum of the
 * bytes that it holds. A fragment: u8 type, u16 length, u32 CRC-32C, data; type 0 ends a page.
 */
function makeChecksumsRight(files: FaultyFiles, path: string): void {
  const bytes = files.readFile(path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let page = 0; page < bytes.length; page += PAGE_BYTES) {
    const pageEnd = Math.min(page + PAGE_BYTES, bytes.length);
    for (let at = page; at + HEADER_BYTES <= pageEnd && bytes[at] !== 0; ) {
      const end = at + HEADER_BYTES + view.getUint16(at + 1);
      if (end > pageEnd) return;
      const right = crc32c(bytes.subarray(at + HEADER_BYTES, end));
      const wrong = (right ^ view.getUint32(at + 3)) >>> 0;
      for (let bit = 0; bit < 32; bit++) {
        const isSet = (wrong >>> (31 - bit)) & 1;
        if (isSet === 1) files.flipBit(path, 8 * (at + 3 + (bit >>> 3)) + (7 - (bit & 7)));
      }
      at = end;
    }
  }
}

function withoutMarkers(appender: Appender): Appender {
  return {
    seriesRef: (labels) => appender.seriesRef(labels),
    float(ref, timeMs, low, high) {
      if (low !== STALE_LOW || high !== STALE_HIGH) appender.float(ref, timeMs, low, high);
    },
    floats: (refs, timeMs, values) => appender.floats(refs, timeMs, values),
    histogram: (ref, timeMs, histogram, isInteger) =>
      appender.histogram(ref, timeMs, histogram, isInteger),
    exemplar: (ref, exemplar) => appender.exemplar(ref, exemplar),
    metadata: (ref, metadata) => appender.metadata(ref, metadata),
    commit: () => appender.commit(),
    rollback: () => appender.rollback(),
  };
}

/** Most samples that a replica stands in with for the other one in a short gap. */
const GAP_SAMPLES = 3;

/** Where the answer goes over to the other replica for a few samples and then back, those few are missing. */
function withoutSpare(answer: RangeAnswer, replicas: readonly Replica[]): RangeAnswer {
  const series = answer.series.map((one) => {
    const name = seriesName(one.labels);
    const sources = Array.from(one.times, (time) =>
      replicas.findIndex(({ model }) => model.series.get(name)?.certain.has(time) === true),
    );
    const isLost = sources.map((source, i) => {
      const before = sources.slice(0, i).findLastIndex((other) => other !== source);
      const after = sources.findIndex((other, k) => k > i && other !== source);
      return before >= 0 && after >= 0 && after - before - 1 <= GAP_SAMPLES;
    });
    const kept = (list: Float64Array): Float64Array => list.filter((_, i) => isLost[i] !== true);
    return { ...one, times: kept(one.times), values: kept(one.values) };
  });
  return { ...answer, series };
}
