/**
 * The tokens of the text format and of OpenMetrics, as Prometheus' lexers cut them: same names, same states, and at a
 * mistake the same byte. Source: docs of the exposition formats and the grammar in Prometheus' model/textparse.
 */
export type ExpositionFormat = 'text' | 'openmetrics';

export type TokenName =
  | 'INVALID'
  | 'EOF'
  | 'LINEBREAK'
  | 'WHITESPACE'
  | 'HELP'
  | 'TYPE'
  | 'UNIT'
  | 'EOFWORD'
  | 'TEXT'
  | 'COMMENT'
  | 'MNAME'
  | 'QSTRING'
  | 'BOPEN'
  | 'BCLOSE'
  | 'LNAME'
  | 'LVALUE'
  | 'EQUAL'
  | 'COMMA'
  | 'TIMESTAMP'
  | 'VALUE';

type State =
  | 'line'
  | 'comment'
  | 'meta-name'
  | 'meta-text'
  | 'labels'
  | 'label-value'
  | 'value'
  | 'time'
  | 'exemplar'
  | 'exemplar-value'
  | 'exemplar-time';

const NEWLINE = 10;
const BLANK = 32;
const HASH = 35;
const QUOTE = 34;
const BACKSLASH = 92;

/** Position and state of reading; `start` and `at` enclose the last token, or end before the byte that is wrong. */
export class ExpositionLexer {
  readonly bytes: Uint8Array;
  start = 0;
  at = 0;
  readonly #isOpen: boolean;
  #state: State = 'line';

  constructor(bytes: Uint8Array, format: ExpositionFormat) {
    this.bytes = bytes;
    this.#isOpen = format === 'openmetrics';
  }

  /** Goes on at the beginning of a line. */
  seek(at: number): void {
    this.start = at;
    this.at = at;
    this.#state = 'line';
  }

  /** False when what was read last left its line unfinished: Prometheus reads on in the middle of it. */
  get isAtLine(): boolean {
    return this.#state === 'line';
  }

  /** The next token; blanks between tokens of the text format are passed over. */
  next(): TokenName {
    for (;;) {
      const token = this.#token();
      if (token !== 'WHITESPACE') return token;
    }
  }

  #token(): TokenName {
    if (this.at >= this.bytes.length) return 'EOF';
    this.start = this.at;
    if (!this.#isOpen && this.#state !== 'meta-text' && isBlank(this.#here())) {
      return this.#run(isBlank, 'WHITESPACE');
    }
    switch (this.#state) {
      case 'line':
        return this.#atLine();
      case 'comment':
        return this.#atComment();
      case 'meta-name':
        return this.#atMetaName();
      case 'meta-text':
        return this.#isOpen ? this.#openText() : this.#plainText();
      case 'labels':
      case 'exemplar':
        return this.#inBraces(this.#state === 'exemplar');
      case 'label-value':
        return this.#quoted('LVALUE', 'labels');
      case 'value':
        return this.#here() === 0x7b ? this.#one('BOPEN', 'labels') : this.#word('VALUE', 'time');
      case 'time':
        return this.#atTime();
      case 'exemplar-value':
        if (this.#here() === QUOTE) return this.#quoted('LVALUE', 'exemplar');
        return this.#word('VALUE', 'exemplar-time');
      case 'exemplar-time':
        if (this.#here() === NEWLINE) return this.#one('LINEBREAK', 'line');
        return this.#word('TIMESTAMP', 'exemplar-time');
    }
  }

  /** Zero at the end. */
  #here(): number {
    return this.at < this.bytes.length ? this.bytes[this.at] : 0;
  }

  /** Zero bytes are passed over where the text may hold them. */
  #step(): void {
    this.at++;
    while (this.bytes[this.at] === 0 && this.#holdsZeros) this.at++;
  }

  get #holdsZeros(): boolean {
    return (
      this.#state === 'label-value' || this.#state === 'meta-text' || this.#state === 'comment'
    );
  }

  #one(token: TokenName, state: State): TokenName {
    this.#step();
    this.#state = state;
    return token;
  }

  #run(belongs: (byte: number) => boolean, token: TokenName): TokenName {
    while (belongs(this.#here())) this.#step();
    return token;
  }

  #atLine(): TokenName {
    const byte = this.#here();
    if (byte === HASH) return this.#hash();
    if (byte === 0x7b) return this.#one('BOPEN', 'labels');
    if (isNameStart(byte)) {
      this.#run(isNameByte, 'MNAME');
      this.#state = 'value';
      return 'MNAME';
    }
    if (this.#isOpen) return 'INVALID';
    if (byte === NEWLINE) return this.#one('LINEBREAK', 'line');
    return byte === 0 ? 'EOF' : 'INVALID';
  }

  #hash(): TokenName {
    this.#step();
    if (this.#isOpen) {
      if (this.#here() !== BLANK) return 'INVALID';
      this.#step();
    } else {
      if (!isBlank(this.#here())) return this.#restOfComment();
      this.#run(isBlank, 'WHITESPACE');
    }
    this.#state = 'comment';
    return this.#atComment();
  }

  #atComment(): TokenName {
    const words: readonly TokenName[] = this.#isOpen ? ['HELP', 'TYPE', 'UNIT'] : ['HELP', 'TYPE'];
    const from = this.at;
    for (const word of words) {
      if (
        !this.#takeLetters(word) ||
        !(this.#isOpen ? this.#here() === BLANK : isBlank(this.#here()))
      ) {
        if (this.at > from && this.#isOpen) return 'INVALID';
        this.at = from;
        continue;
      }
      if (this.#isOpen) this.#step();
      else this.#run(isBlank, 'WHITESPACE');
      this.#state = 'meta-name';
      return word;
    }
    if (!this.#isOpen) return this.#restOfComment();
    if (!this.#takeLetters('EOF')) return 'INVALID';
    if (this.#here() === NEWLINE) this.#step();
    this.#state = 'line';
    return 'EOFWORD';
  }

  /** Stops before the first letter that differs. */
  #takeLetters(word: string): boolean {
    for (let i = 0; i < word.length; i++) {
      if (this.#here() !== word.charCodeAt(i)) return false;
      this.#step();
    }
    return true;
  }

  #restOfComment(): TokenName {
    while (this.#here() !== NEWLINE && this.#here() !== 0) this.#step();
    if (this.#here() === 0) return 'EOF';
    this.#state = 'line';
    return 'COMMENT';
  }

  #atMetaName(): TokenName {
    if (this.#here() === QUOTE) return this.#quoted('MNAME', 'meta-text', true);
    if (!isNameStart(this.#here())) return 'INVALID';
    this.#run(isNameByte, 'MNAME');
    this.#state = 'meta-text';
    return 'MNAME';
  }

  #plainText(): TokenName {
    let isBlankOnly = true;
    while (this.#here() !== NEWLINE && this.#here() !== 0) {
      isBlankOnly &&= isBlank(this.#here());
      this.#step();
    }
    if (isBlankOnly && this.at > this.start) return 'WHITESPACE';
    this.#state = 'line';
    return 'TEXT';
  }

  #openText(): TokenName {
    if (this.#here() !== BLANK) return 'INVALID';
    while (this.#here() !== NEWLINE && this.#here() !== 0) this.#step();
    if (this.#here() !== NEWLINE) return 'INVALID';
    return this.#one('TEXT', 'line');
  }

  #inBraces(isExemplar: boolean): TokenName {
    const byte = this.#here();
    if (byte === QUOTE) {
      const state = isExemplar ? 'exemplar' : 'labels';
      return this.#quoted('QSTRING', state, !isExemplar);
    }
    if (byte === 0x7d) return this.#one('BCLOSE', isExemplar ? 'exemplar-value' : 'value');
    if (byte === 0x3d) return this.#one('EQUAL', isExemplar ? 'exemplar-value' : 'label-value');
    if (byte === 0x2c) return this.#one('COMMA', this.#state);
    if (!isNameStart(byte) || byte === 0x3a) return 'INVALID';
    return this.#run((inner) => isNameByte(inner) && inner !== 0x3a, 'LNAME');
  }

  #atTime(): TokenName {
    if (this.#here() === NEWLINE) return this.#one('LINEBREAK', 'line');
    if (!this.#isOpen) {
      return isDigit(this.#here()) ? this.#run(isDigit, 'TIMESTAMP') : 'INVALID';
    }
    const token = this.#word('TIMESTAMP', 'time');
    const isHash = this.at - this.start === 2 && this.bytes[this.start + 1] === HASH;
    if (token !== 'TIMESTAMP' || !isHash || this.#here() !== BLANK) return token;
    this.#step();
    return this.#here() === 0x7b ? this.#one('COMMENT', 'exemplar') : 'INVALID';
  }

  /** What stands up to the next blank; in OpenMetrics after one blank. */
  #word(token: TokenName, state: State): TokenName {
    if (this.#isOpen) {
      if (this.#here() !== BLANK) return 'INVALID';
      this.#step();
    }
    const from = this.at;
    const ends = (byte: number): boolean =>
      byte === BLANK || byte === NEWLINE || byte === 0 || (!this.#isOpen && endsPlain(byte));
    while (!ends(this.#here())) this.#step();
    if (this.at === from) return 'INVALID';
    this.#state = state;
    return token;
  }

  /** A text in quotes with escapes; OpenMetrics refuses raw newlines except in names. */
  #quoted(token: TokenName, state: State, isName = false): TokenName {
    if (this.#here() !== QUOTE) return 'INVALID';
    const isOneLine = this.#isOpen && !isName;
    this.#step();
    for (;;) {
      const byte: number = this.#here();
      if (byte === 0 || (byte === NEWLINE && isOneLine)) return 'INVALID';
      if (byte === QUOTE) return this.#one(token, state);
      this.#step();
      if (byte !== BACKSLASH) continue;
      if (this.#here() === NEWLINE || this.#here() === 0) return 'INVALID';
      this.#step();
    }
  }
}

function endsPlain(byte: number): boolean {
  return byte === 0x7b || byte === 0x09;
}

function isBlank(byte: number): boolean {
  return byte === BLANK || byte === 0x09;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isNameStart(byte: number): boolean {
  const lower = byte | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || byte === 0x5f || byte === 0x3a;
}

function isNameByte(byte: number): boolean {
  return isNameStart(byte) || isDigit(byte);
}
