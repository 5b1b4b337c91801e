/** Starts other programs. The real one is world/process-host.ts. */
export interface ProcessHost {
  /** Throws OperationError naming the program if it cannot be started. */
  start(spec: ProcessSpec): Promise<ChildProgram>;
  /** The full path of a program on PATH; undefined when there is none. */
  find(program: string): string | undefined;
  /** Sends a signal to a process that need not be ours; false when there is none. */
  signal(pid: number, signal: ProcessSignal): boolean;
}

export type ProcessSignal = 'SIGTERM' | 'SIGKILL' | 'SIGHUP' | 'SIGINT';

export interface ProcessSpec {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to our own environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with every line of its standard output and error, without the newline. */
  onLine(line: string): void;
}

export interface ChildProgram {
  readonly pid: number;
  /** Settles once, when the program has ended and its output was read. */
  readonly ended: Promise<ProcessEnd>;
  signal(signal: ProcessSignal): void;
  /** Adds a line to its standard input, which stays open as long as we live. */
  send(line: string): void;
}

export interface ProcessEnd {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
}
