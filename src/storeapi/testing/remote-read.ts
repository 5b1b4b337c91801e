/** What a Prometheus does with a remote read, for tests: on series in memory, by the generated messages. */
import { crc32c } from '@node-rs/crc32';
import {
  compareLabels,
  type Labels,
  labelPairs,
  labelValue,
  makeLabels,
} from '../../model/labels.ts';
import { compileMatcher, type Matcher } from '../../model/matcher.ts';
import {
  type Chunk_Encoding,
  ChunkedReadResponseSchema,
} from '../../wire/gen/prometheus/remote_pb.ts';
import { encodeMessage } from '../../wire/message.ts';

export interface StoredSeries {
  readonly labels: Labels;
  readonly chunks: readonly StoredChunk[];
}

export interface StoredChunk {
  readonly minTime: number;
  readonly maxTime: number;
  /** As remote read numbers encodings. */
  readonly type: number;
  readonly data: Uint8Array;
}

/** The streamed answer: one frame a series, sorted before external labels are added to what lacks them. */
export function streamedAnswer(
  stored: readonly StoredSeries[],
  queries: readonly (readonly Matcher[])[],
  external: Labels,
): Buffer {
  return Buffer.concat(
    queries.flatMap((matchers, queryIndex) => {
      const compiled = matchers.map(compileMatcher);
      return stored
        .filter(({ labels }) =>
          compiled.every(({ name, matches }) => matches(labelValue(labels, name))),
        )
        .toSorted((a, b) => compareLabels(a.labels, b.labels))
        .map(({ labels, chunks }) => seriesFrame(merge(labels, external), chunks, queryIndex));
    }),
  );
}

/** Labels of the series win. */
function merge(labels: Labels, external: Labels): Labels {
  return makeLabels([...labelPairs(external), ...labelPairs(labels)]);
}

export function seriesFrame(
  labels: Labels,
  chunks: readonly StoredChunk[],
  queryIndex: number,
): Buffer {
  const message = encodeMessage(ChunkedReadResponseSchema, {
    chunkedSeries: [
      {
        labels: labelPairs(labels).map(([name, value]) => ({ name, value })),
        chunks: chunks.map(({ minTime, maxTime, type, data }) => ({
          minTimeMs: BigInt(minTime),
          maxTimeMs: BigInt(maxTime),
          type: type as Chunk_Encoding,
          data,
        })),
      },
    ],
    queryIndex: BigInt(queryIndex),
  });
  return frameOf(message);
}

export function frameOf(payload: Uint8Array): Buffer {
  const head: number[] = [];
  let rest = payload.length;
  for (; rest >= 128; rest >>>= 7) head.push((rest & 127) | 128);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32c(payload));
  return Buffer.concat([Buffer.from([...head, rest]), crc, payload]);
}
