/**
 * LabelNamesResponse and LabelValuesResponse: a metric's names may be 100,000. Texts are field 1, warnings field 2.
 * Source: Thanos pkg/store/storepb/rpc.proto.
 */
import { ProtobufReader } from './protobuf-reader.ts';

export interface TextList {
  readonly values: readonly string[];
  readonly warnings: readonly string[];
}

/** Throws OperationError 'corrupt' naming the message, `what`. */
export function decodeTextList(what: string, bytes: Uint8Array): TextList {
  const reader = new ProtobufReader(what, bytes);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: string[] = [];
  const warnings: string[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field > 2) {
      reader.skip();
      continue;
    }
    const outer = reader.enter();
    const text = buffer.toString('utf8', reader.at, reader.end);
    reader.leave(outer);
    if (field === 1) values.push(text);
    else warnings.push(text);
  }
  return { values, warnings };
}
