/** Reads what a collector is sent: opentelemetry/proto/collector/trace/v1 and trace/v1. */
export interface SentSpan {
  readonly service: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  /** '' for the first of a trace. */
  readonly parentId: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Of a failure. */
  readonly failure: string | undefined;
}

export function readSpans(request: Uint8Array): readonly SentSpan[] {
  return messages(request, 1).flatMap((resourceSpans) => {
    const [resource = new Uint8Array()] = messages(resourceSpans, 1);
    const service = attributesOf(resource, 1)['service.name'] ?? '';
    return messages(resourceSpans, 2)
      .flatMap((scopeSpans) => messages(scopeSpans, 2))
      .map((span) => readSpan(service, span));
  });
}

function readSpan(service: string, span: Uint8Array): SentSpan {
  const hex = (field: number): string =>
    Buffer.from(messages(span, field)[0] ?? []).toString('hex');
  const [status = new Uint8Array()] = messages(span, 15);
  const isFailure = numbers(status, 3)[0] === 2;
  return {
    service,
    name: text(messages(span, 5)[0]),
    kind: numbers(span, 6)[0] ?? 0,
    traceId: hex(1),
    spanId: hex(2),
    parentId: hex(4),
    attributes: attributesOf(span, 9),
    failure: isFailure ? text(messages(status, 2)[0]) : undefined,
  };
}

/** KeyValues of texts, truth values and whole numbers. */
function attributesOf(message: Uint8Array, field: number): Record<string, string> {
  const pairs = messages(message, field).map((pair) => {
    const [value = new Uint8Array()] = messages(pair, 2);
    const [string] = messages(value, 1);
    const printed = string === undefined ? String(numbers(value, 3)[0]) : text(string);
    return [text(messages(pair, 1)[0]), printed] as const;
  });
  return Object.fromEntries(pairs);
}

function text(bytes: Uint8Array = new Uint8Array()): string {
  return Buffer.from(bytes).toString();
}

function messages(message: Uint8Array, field: number): Uint8Array[] {
  return fields(message).flatMap(([number, value]) =>
    number === field && value instanceof Uint8Array ? [value] : [],
  );
}

function numbers(message: Uint8Array, field: number): number[] {
  return fields(message).flatMap(([number, value]) =>
    number === field && typeof value === 'number' ? [value] : [],
  );
}

function fields(message: Uint8Array): [number, number | Uint8Array][] {
  const found: [number, number | Uint8Array][] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const skip = (length: number): Uint8Array => message.subarray(at, (at += length));
  while (at < message.length) {
    const tag = varint();
    const kind = tag % 8;
    const value = kind === 0 ? varint() : skip(kind === 2 ? varint() : kind === 1 ? 8 : 4);
    found.push([Math.floor(tag / 8), value]);
  }
  return found;
}
