/** Help for people at a terminal, and the same table as Markdown for docs/components. */
import type { Flag, OptionTable } from './options.ts';

export interface CommandText {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Paragraphs: what it is for, how it is used. */
  readonly description: string;
}

const WIDTH = 96;
const INDENT = 6;

export function printHelp(command: CommandText, table: OptionTable, withHidden: boolean): string {
  const flags = shownFlags(table, withHidden);
  const lines = [
    `tsanos ${command.name}: ${command.summary}`,
    '',
    ...wrap(command.description, WIDTH, ''),
    '',
    `Usage: tsanos ${command.name} [flags]${requiredFlags(flags)}`,
  ];
  for (const [title, group] of bySection(flags)) {
    lines.push('', `${title}:`, '');
    for (const flag of group) lines.push(`  ${flagForm(flag)}`, ...wrapHelp(flag));
  }
  lines.push(
    '',
    'A switch is turned off by its --no- form. @FILE as an argument stands for the lines of FILE.',
    '-h and --help show this text, --help-long the hidden flags too, --version the version.',
  );
  return `${lines.join('\n')}\n`;
}

/** The list that `tsanos` and `tsanos --help` print. */
export function printCommandList(
  commands: readonly Pick<CommandText, 'name' | 'summary'>[],
): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'tsanos: highly available Prometheus monitoring with unlimited retention',
    '',
    'Usage: tsanos <command> [flags]',
    '',
    'Commands:',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    '`tsanos <command> --help` shows the flags of a command, `tsanos --version` the version.',
    '',
  ].join('\n');
}

/** The flags as Markdown tables, one per section. */
export function printFlagsMarkdown(table: OptionTable): string {
  const parts = bySection(shownFlags(table, false)).map(([title, flags]) => {
    const rows = flags.map((flag) => {
      const form = escapeCell(`\`${flagForm(flag).replace(/=.*$/, '')}\``);
      const initial = flag.isRequired ? 'required' : (flag.initial ?? '');
      const shown = initial === '' || initial === 'required' ? initial : `\`${initial}\``;
      return `| ${form} | ${escapeCell(shown)} | ${escapeCell(flag.help)} |`;
    });
    return [`### ${title}`, '', '| flag | default | |', '|---|---|---|', ...rows, ''].join('\n');
  });
  return parts.join('\n');
}

function shownFlags(table: OptionTable, withHidden: boolean): readonly Flag[] {
  const flags = Object.values(table).flatMap((option) => option.flags);
  return flags.filter((flag) => withHidden || !flag.isHidden);
}

function bySection(flags: readonly Flag[]): readonly [string, readonly Flag[]][] {
  return Object.entries(Object.groupBy(flags, (flag) => flag.section)).map(([title, group]) => [
    title,
    group ?? [],
  ]);
}

function requiredFlags(flags: readonly Flag[]): string {
  const shown = flags.filter((flag) => flag.isRequired || flag.isWord);
  return shown
    .map((flag) => (flag.isRequired ? ` ${flagForm(flag)}` : ` [${flagForm(flag)}]`))
    .join('');
}

/** `-w, --wait`, `--http-address=0.0.0.0:10902`, `--endpoint=<host:port> ...` */
function flagForm(flag: Flag): string {
  if (flag.isWord) return `${flag.name}${flag.isRepeatable ? ' ...' : ''}`;
  const short = flag.short === undefined ? '' : `-${flag.short}, `;
  const value = flag.initial === undefined || flag.initial === '' ? flag.placeholder : flag.initial;
  const assigned = flag.isSwitch ? '' : `=${value}`;
  const name = flag.isSwitch && flag.initial === 'true' ? `[no-]${flag.name}` : flag.name;
  return `${short}--${name}${assigned}${flag.isRepeatable ? ' ...' : ''}`;
}

function wrapHelp(flag: Flag): readonly string[] {
  const required = flag.isRequired ? ' Required.' : '';
  const state = flag.isSwitch && flag.initial === 'true' ? ' On by default.' : '';
  const repeat = flag.isRepeatable ? ' May be repeated.' : '';
  return wrap(`${flag.help}${required}${state}${repeat}`, WIDTH, ' '.repeat(INDENT));
}

function wrap(text: string, width: number, indent: string): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      const isFull = line !== '' && indent.length + line.length + 1 + word.length > width;
      if (isFull) lines.push(indent + line);
      line = isFull || line === '' ? word : `${line} ${word}`;
    }
    lines.push(line === '' ? '' : indent + line);
    return lines;
  });
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
