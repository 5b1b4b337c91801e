/** What `tsanos up` shows: who becomes ready, one table when all are, and again after every change. */
import type { ComponentSpec, ComponentState } from '../operate/component.ts';
import { paint, printStatusTable, type TableRow } from '../operate/status-table.ts';
import type { CommandContext } from './command.ts';

/** Changes so close together are shown in one table. */
const SETTLE_MS = 1000;

export class UpScreen {
  #context: CommandContext;
  #entryUrl: string;
  #startMs: number;
  #rows = new Map<string, TableRow>();
  #cancelTable: () => void = () => undefined;
  #hasBeenReady = false;
  #isStopping = false;

  constructor(context: CommandContext, entryUrl: string, dataDirectory: string) {
    this.#context = context;
    this.#entryUrl = entryUrl;
    this.#startMs = context.clock.monotonicMs();
    context.print(`Tsanos starts; data and logs are in ${dataDirectory}\n`);
  }

  /** A remarkable line of a component's output. */
  line(name: string, line: string): void {
    if (this.#isStopping) return;
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

  #announce(name: string, { phase, reason }: ComponentState): void {
    if (phase === 'starting' || phase === 'waiting') return;
    const { isTerminal, print, clock } = this.#context;
    const elapsed = ((clock.monotonicMs() - this.#startMs) / 1000).toFixed(1);
    const color = phase === 'ready' ? 32 : phase === 'failed' ? 31 : 33;
    const why = reason === '' ? '' : `: ${reason}`;
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
