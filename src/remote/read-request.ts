/** Requests of remote read (docs: Prometheus, "Remote Read API"), protocol version 0.1.0. */
import type { Kernel } from '../base/kernel.ts';
import type { Matcher, MatchType } from '../model/matcher.ts';
import {
  ReadRequestSchema,
  ReadRequest_ResponseType as ResponseType,
  LabelMatcher_Type as Type,
} from '../wire/gen/prometheus/remote_pb.ts';
import { encodeMessage } from '../wire/message.ts';
import { encodeSnappyBlock } from '../wire/snappy.ts';

export interface ReadQuery {
  /** Inclusive milliseconds. */
  readonly minTime: bigint;
  readonly maxTime: bigint;
  readonly matchers: readonly Matcher[];
}

export const READ_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'accept-encoding': 'snappy',
  'x-prometheus-remote-read-version': '0.1.0',
};

/** How the answer to a read begins, by its content type. */
export const STREAMED_CONTENT =
  'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse';
export const SAMPLES_CONTENT = 'application/x-protobuf';

const TYPES: Readonly<Record<MatchType, Type>> = {
  '=': Type.EQ,
  '!=': Type.NEQ,
  '=~': Type.RE,
  '!~': Type.NRE,
};

/** The body: streamed chunks are preferred, samples accepted. */
export function encodeReadRequest(kernel: Kernel, queries: readonly ReadQuery[]): Uint8Array {
  const message = encodeMessage(ReadRequestSchema, {
    queries: queries.map(({ minTime, maxTime, matchers }) => ({
      startTimestampMs: minTime,
      endTimestampMs: maxTime,
      matchers: matchers.map(({ type, name, value }) => ({ type: TYPES[type], name, value })),
    })),
    acceptedResponseTypes: [ResponseType.STREAMED_XOR_CHUNKS, ResponseType.SAMPLES],
  });
  return encodeSnappyBlock(kernel, message);
}
