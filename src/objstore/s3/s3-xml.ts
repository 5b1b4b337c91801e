/** The few XML documents that S3 answers. Its elements have no attributes that matter, and texts only at the leaves. */
import { OperationError } from '../../base/errors.ts';

/** Texts of the elements of this name, in order, wherever they are. Throws OperationError 'unavailable'. */
export function elementTexts(xml: string, name: string): string[] {
  return elements(xml, name).map(unescapeXml);
}

/** '' when there is none. */
export function elementText(xml: string, name: string): string {
  return elementTexts(xml, name)[0] ?? '';
}

/** What is between the tags of the elements of this name, which do not nest in themselves. */
export function elements(xml: string, name: string): string[] {
  const found: string[] = [];
  const open = new RegExp(`<${name}(?:\\s[^>]*)?(/?)>`, 'g');
  for (let match = open.exec(xml); match !== null; match = open.exec(xml)) {
    if (match[1] === '/') {
      found.push('');
      continue;
    }
    const end = xml.indexOf(`</${name}>`, open.lastIndex);
    if (end < 0) break;
    found.push(xml.slice(open.lastIndex, end));
    open.lastIndex = end;
  }
  return found;
}

const CODE_MAX = 0x10ffff;
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x?)?(\w+);/g, (whole, number: string | undefined, name: string) => {
    if (number === undefined) return NAMED[name] ?? whole;
    const code = Number.parseInt(name, number === '#x' ? 16 : 10);
    if (!(code <= CODE_MAX)) {
      throw new OperationError('unavailable', `the answer has ${whole}, which is no character`);
    }
    return String.fromCodePoint(code);
  });
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => {
    const name = Object.keys(NAMED).find((key) => NAMED[key] === character);
    return `&${name};`;
  });
}
