/** What the supervisor keeps running, and how it stands with it. */
export interface ComponentSpec {
  /** Short and unique: `sidecar-a`. Names its log file. */
  readonly name: string;
  /** What it is: prometheus, sidecar, query, entry, store … */
  readonly kind: string;
  /** Names of the components that it asks for data. */
  readonly reads: readonly string[];
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly addresses: readonly ComponentAddress[];
  /** Answers 200 when the component may be sent work. */
  readonly readyUrl: string;
}

export interface ComponentAddress {
  readonly protocol: 'HTTP' | 'gRPC';
  /** 127.0.0.1:9090 */
  readonly hostPort: string;
}

export type ComponentPhase =
  | 'waiting' // not started yet
  | 'starting' // runs, not ready yet
  | 'ready'
  | 'not ready' // was ready in this life, is not now
  | 'restarting' // ended, waits for its next start
  | 'failed' // ended too often: left alone until a reload
  | 'stopped';

export interface ComponentState {
  readonly phase: ComponentPhase;
  readonly pid: number | undefined;
  /** Starts after the first. */
  readonly restarts: number;
  /** Why it ended or is not ready; empty when there is nothing to say. */
  readonly reason: string;
  /** When this phase began, in milliseconds since the epoch. */
  readonly sinceMs: number;
  /** How its last life ended; undefined while it lives its first. */
  readonly lastEnd: { readonly reason: string; readonly timeMs: number } | undefined;
}
