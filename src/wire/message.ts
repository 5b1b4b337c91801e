/** Generated messages with our errors, and the full paths of their services' methods. */
import type { DescMessage, DescMethod, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { OperationError } from '../base/errors.ts';

/** "/thanos.Store/Series": what gRPC sends as :path. */
export function methodPath(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** @throws OperationError 'corrupt' naming the message and the size when the bytes are not such a message. */
export function decodeMessage<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes);
  } catch (cause) {
    const what = `${schema.typeName} of ${bytes.length} bytes`;
    throw new OperationError('corrupt', `cannot decode ${what}`, { cause });
  }
}

export function encodeMessage<Desc extends DescMessage>(
  schema: Desc,
  message: MessageInitShape<Desc>,
): Uint8Array {
  return toBinary(schema, create(schema, message));
}
