/** The components, their addresses and states, as a person reads them in a terminal. */
import type { ComponentPhase, ComponentSpec, ComponentState } from './component.ts';

export interface TableRow {
  readonly spec: ComponentSpec;
  readonly state: ComponentState;
}

const MARKS: Readonly<Record<ComponentPhase, { readonly mark: string; readonly color: number }>> = {
  waiting: { mark: '·', color: 90 },
  starting: { mark: '…', color: 33 },
  ready: { mark: '●', color: 32 },
  'not ready': { mark: '○', color: 33 },
  restarting: { mark: '↻', color: 33 },
  failed: { mark: '✖', color: 31 },
  stopped: { mark: '·', color: 90 },
};

/** One line a component, in columns, without an end of line after the last. Colours only if the terminal has them. */
export function printStatusTable(rows: readonly TableRow[], isColored: boolean): string {
  const head = ['component', 'HTTP', 'gRPC', 'pid', 'state'];
  const cells = rows.map(({ spec, state }) => [
    spec.name,
    addressOf(spec, 'HTTP'),
    addressOf(spec, 'gRPC'),
    state.pid === undefined ? '' : String(state.pid),
    stateText(state),
  ]);
  const widths = head.map((title, i) =>
    Math.max(title.length, ...cells.map((row) => row[i].length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd();
  const dim = (text: string): string => paint(text, 90, isColored);
  return [
    `  ${dim(line(head))}`,
    ...cells.map((row, i) => {
      const { mark, color } = MARKS[rows[i].state.phase];
      return `${paint(mark, color, isColored)} ${line(row)}`;
    }),
  ].join('\n');
}

export function paint(text: string, color: number, isColored: boolean): string {
  return isColored ? `\u001b[${color}m${text}\u001b[0m` : text;
}

function addressOf({ addresses }: ComponentSpec, wanted: 'HTTP' | 'gRPC'): string {
  return addresses.find(({ protocol }) => protocol === wanted)?.hostPort ?? '';
}

function stateText({ phase, restarts, reason }: ComponentState): string {
  const again =
    restarts === 0 ? '' : `, restarted ${restarts} ${restarts === 1 ? 'time' : 'times'}`;
  return `${phase}${again}${reason === '' || phase === 'starting' ? '' : `: ${reason}`}`;
}
