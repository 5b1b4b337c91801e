/** Why the server did not answer a question, in the terms of the API. */

/** Error types of the API, and two of our own: no answer at all, and an answer of something that is not the API. */
export type FailureKind =
  | 'bad_data'
  | 'execution'
  | 'canceled'
  | 'timeout'
  | 'internal'
  | 'unavailable'
  | 'not_found'
  | 'not_acceptable'
  | 'network'
  | 'proxy';

/** Where in a query the fault lies; both from 1, columns in bytes of UTF-8. */
export interface QueryPosition {
  readonly line: number;
  readonly column: number;
}

export interface FailureDetails {
  readonly kind: FailureKind;
  readonly text: string;
  /** Of HTTP; 0 where nothing answered. */
  readonly status: number;
}

export class ApiFailure extends Error {
  readonly kind: FailureKind;
  /** As the server said it; empty for `network` and `proxy`. */
  readonly text: string;
  readonly status: number;
  readonly position: QueryPosition | undefined;

  constructor({ kind, text, status }: FailureDetails, options?: ErrorOptions) {
    super(text === '' ? kind : text, options);
    this.name = 'ApiFailure';
    this.kind = kind;
    this.text = text;
    this.status = status;
    this.position = positionIn(text);
  }

  /** Whether the same question may get an answer when it is asked again. */
  get isPassing(): boolean {
    return ['network', 'proxy', 'unavailable', 'timeout', 'internal'].includes(this.kind);
  }
}

/** Prometheus' parser says `1:5: parse error: …`. */
function positionIn(text: string): QueryPosition | undefined {
  const found = /(?:^|[ "])(\d+):(\d+): parse error/.exec(text);
  if (found === null) return undefined;
  return { line: Number(found[1]), column: Number(found[2]) };
}
