/** What `tsanos up` shows: who becomes ready, one table when all are, and again after every change. */
import type { ComponentSpec, ComponentState } from '../operate/component.ts';
import { paint, printStatusTable, type TableRow } from '../operate/status-table.ts';
import type { CommandContext } from './command.ts';

/** Changes so close together are shown in one table. */
const SETTLE_MS = 1000;
/** So often somebody who waits for the start is told for whom. */
const PATIENCE_MS = 10_000;

export class UpScreen {
  #context: CommandContext;
  #entryUrl: string;
  #logDirectory: string;
  #startMs: number;
  #rows = new Map<string, TableRow>();
  #cancelTable: () => void = () => undefined;
  #hasBeenReady = false;
  #isStopping = false;

  constructor(context: CommandContext, entryUrl: string, dataDirectory: string) {
    this.#context = context;
    this.#entryUrl = entryUrl;
    this.#logDirectory = `${dataDirectory}/logs`;
    this.#startMs = context.clock.monotonicMs();
    context.print(`Tsanos starts; data and logs are in ${dataDirectory}\n`);
    this.#remind();
  }

  /** A remarkable line of a component's output. During the start warnings only say that others are not up yet. */
  line(name: string, line: string): void {
    if (this.#isStopping || (!this.#hasBeenReady && /\blevel=warn\b/.test(line))) return;
    const { isTerminal, print } = this.#context;
    print(`${paint(name, 36, isTerminal)}  ${line}\n`);
  }

  change(spec: ComponentSpec, state: ComponentState): void {
    const { readiness, clock } = this.#context;
    const before = this.#rows.get(spec.name)?.state;
    this.#rows.set(spec.name, { spec, state });
    if (before?.phase === state.phase) return;
    const isReady = [...this.#rows.values()].every((row) => row.state.phase === 'ready');
    if (isReady && !this.#isStopping) readiness.setReady();
    else if (readiness.isReady) readiness.setNotReady(`${spec.name} is ${state.phase}`);
    this.#announce(spec.name, state);
    this.#cancelTable();
    if (this.#isStopping) return;
    if (isReady && !this.#hasBeenReady) this.#table();
    else if (this.#hasBeenReady) this.#cancelTable = clock.after(SETTLE_MS, () => this.#table());
  }

  stopping(): void {
    this.#isStopping = true;
    this.#cancelTable();
    this.#context.print('Stopping in reverse order…\n');
  }

  #remind(): void {
    const { clock, print } = this.#context;
    clock.after(PATIENCE_MS, () => {
      if (this.#hasBeenReady || this.#isStopping) return;
      const late = [...this.#rows.values()].filter((row) => row.state.phase !== 'ready');
      const texts = late.map(({ spec, state }) => `${spec.name} (${state.reason || state.phase})`);
      print(`Still waiting for ${texts.join(', ')}\n`);
      this.#remind();
    });
  }

  #announce(name: string, { phase, reason }: ComponentState): void {
    if (phase === 'starting' || phase === 'waiting') return;
    const { isTerminal, print, clock } = this.#context;
    const elapsed = ((clock.monotonicMs() - this.#startMs) / 1000).toFixed(1);
    const color = phase === 'ready' ? 32 : phase === 'failed' ? 31 : 33;
    const log = phase === 'failed' ? `; see ${this.#logDirectory}/${name}.log` : '';
    const why = reason === '' ? '' : `: ${reason}${log}`;
    print(`${elapsed.padStart(8)} s  ${name} is ${paint(phase, color, isTerminal)}${why}\n`);
  }

  #table(): void {
    const { isTerminal, print } = this.#context;
    const rows = [...this.#rows.values()];
    const isReady = rows.every((row) => row.state.phase === 'ready');
    this.#hasBeenReady ||= isReady;
    print(`\n${printStatusTable(rows, isTerminal)}\n\n`);
    if (isReady) print(`  Open ${paint(this.#entryUrl, 36, isTerminal)} in a browser.\n\n`);
  }
}
