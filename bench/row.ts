import type { Size } from './data-set.ts';

/** What a row compares: one piece of work, done by us and by a peer. */
export interface Row {
  readonly name: string;
  /** What the figures are, for one run of the work: "ms CPU", "ns/sample". */
  readonly unit: string;
  /** Least ratio peer / ours that the row must reach, and the one it aims at. */
  readonly floor: number;
  readonly goal: number;
  readonly sizes: readonly Size[];
  /**
   * Prepares the work at one size: one contest for each way to run it (caches cold, warm). What it starts, it
   * gives to the stack.
   */
  open(bench: Bench, size: Size, stack: AsyncDisposableStack): Promise<readonly Contest[]>;
}

export interface Contest {
  /** What tells this contest from the row's others: "warm", "cold", "". */
  readonly variant: string;
  readonly ours: Side;
  readonly peer: Side;
  /** Amount of work, for the slope: samples read, points written. */
  readonly work: number;
  /** Does the work on both sides and compares; throws when they differ. Returns what was compared. */
  compare(): Promise<string>;
}

/** One side: either measured, or a figure known from elsewhere. */
export type Side =
  | {
      readonly kind: 'measured';
      readonly label: string;
      run(): Promise<void>;
      /** CPU time used so far, user and system, of all processes of this side; for rows of memory, bytes. */
      cpuMs(): number;
      /** From CPU milliseconds (or bytes) of one run to the row's unit. */
      readonly scale: number;
    }
  | { readonly kind: 'known'; readonly label: string; readonly figure: number };

/** What all rows share during one run of the bench. */
export interface Bench {
  /** Where data sets are kept between runs. */
  readonly dataDirectory: string;
  readonly prometheusBinary: string;
  /** Tells what is going on, on stderr. */
  readonly progress: (text: string) => void;
}
