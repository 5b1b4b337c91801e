/** The gRPC services Info and Store over any source. */
import { create, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { OperationError } from '../base/errors.ts';
import type { GrpcMethod, GrpcServices } from '../transport/grpc.ts';
import { Info, InfoRequestSchema, InfoResponseSchema } from '../wire/gen/thanos/info_pb.ts';
import {
  LabelNamesRequestSchema,
  LabelNamesResponseSchema,
  LabelValuesRequestSchema,
  LabelValuesResponseSchema,
  SeriesRequestSchema,
  Store,
} from '../wire/gen/thanos/store_pb.ts';
import { decodeMessage, encodeMessage, methodPath } from '../wire/message.ts';
import type { StoreSource } from './source.ts';

/** What a process offers besides Info and Store. */
export type OtherService =
  | 'rules'
  | 'metricMetadata'
  | 'targets'
  | 'exemplars'
  | 'query'
  | 'status';

/** Errors of the source end the call with the status of their kind. */
export function storeServices(
  source: StoreSource,
  more: readonly OtherService[] = [],
): GrpcServices {
  const present = Object.fromEntries(more.map((name) => [name, {}]));
  return new Map<string, GrpcMethod>([
    [
      methodPath(Info.method.info),
      {
        kind: 'unary',
        async handle(request, { signal }) {
          decodeRequest(InfoRequestSchema, request);
          const info = await source.info(signal);
          const offered = create(InfoResponseSchema, present);
          const parts = more.map((name) => [name, offered[name]]);
          return encodeMessage(InfoResponseSchema, { ...info, ...Object.fromEntries(parts) });
        },
      },
    ],
    [
      methodPath(Store.method.series),
      {
        kind: 'serverStream',
        handle(request, { signal }) {
          return source.series(decodeRequest(SeriesRequestSchema, request), signal);
        },
        sent: (message) => source.sent?.(message),
      },
    ],
    [
      methodPath(Store.method.labelNames),
      {
        kind: 'unary',
        async handle(request, { signal }) {
          const decoded = decodeRequest(LabelNamesRequestSchema, request);
          const { values, warnings } = await source.labelNames(decoded, signal);
          return encodeMessage(LabelNamesResponseSchema, {
            names: [...values],
            warnings: [...warnings],
          });
        },
      },
    ],
    [
      methodPath(Store.method.labelValues),
      {
        kind: 'unary',
        async handle(request, { signal }) {
          const decoded = decodeRequest(LabelValuesRequestSchema, request);
          const { values, warnings } = await source.labelValues(decoded, signal);
          return encodeMessage(LabelValuesResponseSchema, {
            values: [...values],
            warnings: [...warnings],
          });
        },
      },
    ],
  ]);
}

/** Bytes that are no request are the caller's fault: OperationError 'bad-data'. */
export function decodeRequest<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
): MessageShape<Desc> {
  try {
    return decodeMessage(schema, bytes);
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    throw new OperationError('bad-data', error.message, { cause: error.cause });
  }
}
