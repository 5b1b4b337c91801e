/** Label names in URL paths: `U__` begins the "values" escaping of Prometheus' UTF-8 name scheme. */
import { OperationError } from '../base/errors.ts';

/**
 * `U__http_2e_status` → `http.status`: `__` is an underscore, `_HEX_` a code point. Other names pass unchanged; a name
 * that is not validly escaped stays as it is, as in Prometheus. An unpaired escape is 'bad-data'.
 */
export function unescapeLabelName(text: string): string {
  if (!text.startsWith('U__')) return text;
  const body = text.slice(3);
  const unescaped = body.replace(/_(_|[0-9a-fA-F]{1,6}_)/g, (_, code: string) => {
    if (code === '_') return '_';
    const point = Number.parseInt(code.slice(0, -1), 16);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      throw new OperationError('bad-data', `invalid label name: "${text}": no such code point`);
    }
    return String.fromCodePoint(point);
  });
  return unescaped;
}
