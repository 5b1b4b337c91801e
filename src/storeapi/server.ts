/** The gRPC services Info and Store over any source. */
import { OperationError } from '../base/errors.ts';
import type { GrpcMethod, GrpcServices } from '../transport/grpc.ts';
import {
  Info,
  InfoRequestSchema,
  type InfoResponse,
  InfoResponseSchema,
} from '../wire/gen/thanos/info_pb.ts';
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

/** What a process offers besides Info and Store: a field that is present says so. */
export type OtherServices = Pick<
  InfoResponse,
  'rules' | 'metricMetadata' | 'targets' | 'exemplars' | 'query' | 'status'
>;

/** Errors of the source end the call with the status of their kind. */
export function storeServices(source: StoreSource, more: OtherServices = {}): GrpcServices {
  return new Map<string, GrpcMethod>([
    [
      methodPath(Info.method.info),
      {
        kind: 'unary',
        async handle(request, { signal }) {
          readRequest(() => decodeMessage(InfoRequestSchema, request));
          const info = await source.info(signal);
          return encodeMessage(InfoResponseSchema, { ...info, ...more });
        },
      },
    ],
    [
      methodPath(Store.method.series),
      {
        kind: 'serverStream',
        handle(request, { signal }) {
          return source.series(
            readRequest(() => decodeMessage(SeriesRequestSchema, request)),
            signal,
          );
        },
      },
    ],
    [
      methodPath(Store.method.labelNames),
      {
        kind: 'unary',
        async handle(request, { signal }) {
          const decoded = readRequest(() => decodeMessage(LabelNamesRequestSchema, request));
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
          const decoded = readRequest(() => decodeMessage(LabelValuesRequestSchema, request));
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

/** Bytes that are no request are the caller's fault. */
function readRequest<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    throw new OperationError('bad-data', error.message, { cause: error.cause });
  }
}
