/** The pages under docs/components: written by hand around a part that comes from the table of options. */
import type { Command } from './command.ts';
import { printFlagsMarkdown } from './help.ts';

const BEGIN = '<!-- flags: written by `npm run docs` -->';
const END = '<!-- /flags -->';

export function pagePath(name: string): string {
  return `docs/components/${name.replaceAll(' ', '-')}.md`;
}

/** The page with its flags as they are now; a page that does not exist yet gets a title and the description. */
export function refreshPage(page: string | undefined, command: Command): string {
  const flags = `${BEGIN}\n\n${printFlagsMarkdown(command.options)}\n${END}`;
  const current = page ?? firstPage(command);
  const begin = current.indexOf(BEGIN);
  const end = current.indexOf(END);
  if (begin < 0 || end < begin) return `${current.trimEnd()}\n\n## Flags\n\n${flags}\n`;
  return current.slice(0, begin) + flags + current.slice(end + END.length);
}

function firstPage({ name, summary, description }: Command): string {
  return `# tsanos ${name}\n\n${summary[0].toUpperCase()}${summary.slice(1)}.\n\n${description}\n`;
}
