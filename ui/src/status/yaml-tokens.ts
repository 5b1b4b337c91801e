/** The parts of a line of YAML that get a colour of their own. It is for showing, not for understanding. */
export interface YamlToken {
  readonly kind: 'plain' | 'key' | 'comment' | 'text' | 'number' | 'hidden';
  readonly text: string;
}

const LINE = /^(\s*(?:- +)*)([\w./-]+|"[^"]*")(:)(?= |$)(.*)$/;
const COMMENT = /^(.*?)(\s#.*|^#.*)$/;

export interface YamlLine {
  readonly number: number;
  /** Each with the column at which it begins. */
  readonly tokens: readonly (YamlToken & { readonly column: number })[];
}

export function yamlLines(text: string): readonly YamlLine[] {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line, i) => {
      let column = 0;
      const tokens = yamlTokens(line).map((token) => {
        const placed = { ...token, column };
        column += token.text.length;
        return placed;
      });
      return { number: i + 1, tokens };
    });
}

export function yamlTokens(line: string): readonly YamlToken[] {
  const comment = COMMENT.exec(line);
  const code = comment?.[1] ?? line;
  const tokens = codeTokens(code);
  return comment === null ? tokens : [...tokens, { kind: 'comment', text: comment[2] ?? '' }];
}

function codeTokens(code: string): readonly YamlToken[] {
  const found = LINE.exec(code);
  if (found === null) {
    const item = /^(\s*(?:- +)+)(.*)$/.exec(code);
    if (item === null) return code === '' ? [] : [{ kind: 'plain', text: code }];
    return [{ kind: 'plain', text: item[1] ?? '' }, ...valueTokens(item[2] ?? '')];
  }
  const [, start = '', key = '', colon = '', rest = ''] = found;
  const space = /^ */.exec(rest)?.[0] ?? '';
  return [
    ...(start === '' ? [] : [{ kind: 'plain' as const, text: start }]),
    { kind: 'key', text: key },
    { kind: 'plain', text: `${colon}${space}` },
    ...valueTokens(rest.slice(space.length)),
  ];
}

function valueTokens(text: string): readonly YamlToken[] {
  if (text === '') return [];
  if (text === '<secret>') return [{ kind: 'hidden', text }];
  if (/^(-?[\d.]+(ms|[smhdwy]|[KMGT]?i?B)?)+$|^(true|false|null)$/.test(text)) {
    return [{ kind: 'number', text }];
  }
  return [{ kind: 'text', text }];
}
