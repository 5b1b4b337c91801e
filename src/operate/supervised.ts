/**
 * Keeps one component running: starts it, asks whether it is ready, starts it again when it ends. The pause doubles
 * with each quick end; after CRASHES_MAX quick ends in a row it is left alone until somebody asks for a retry.
 */
import { type Clock, deadlineSignal } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { ChildProgram, ProcessEnd, ProcessHost } from '../base/process-host.ts';
import type { HttpClient } from '../transport/http-client.ts';
import type { ComponentPhase, ComponentSpec, ComponentState } from './component.ts';

export interface SupervisedOptions {
  readonly spec: ComponentSpec;
  readonly processes: ProcessHost;
  readonly client: HttpClient;
  readonly clock: Clock;
  onLine(line: string): void;
  onChange(state: ComponentState): void;
  /** Told of every process while it lives. */
  onProcess(pid: number, isAlive: boolean): void;
}

export const FIRST_PAUSE_MS = 250;
export const LONGEST_PAUSE_MS = 30_000;
/** Whoever lives so long is not crash-looping. */
export const STABLE_MS = 10_000;
export const CRASHES_MAX = 8;
const PROBE_STARTING_MS = 100;
const PROBE_READY_MS = 1000;
const PROBE_TIMEOUT_MS = 2000;

export class Supervised {
  readonly spec: ComponentSpec;
  #options: SupervisedOptions;
  #state: ComponentState;
  #child: ChildProgram | undefined;
  #stopping = new AbortController();
  #retry = Promise.withResolvers<void>();
  #run: Promise<void> | undefined;

  constructor(options: SupervisedOptions) {
    this.spec = options.spec;
    this.#options = options;
    this.#state = {
      phase: 'waiting',
      pid: undefined,
      restarts: 0,
      reason: '',
      sinceMs: options.clock.nowMs(),
      lastEnd: undefined,
    };
  }

  get state(): ComponentState {
    return this.#state;
  }

  start(): void {
    this.#run ??= this.#keepRunning();
  }

  /** Gives a failed component another row of attempts. */
  retry(): void {
    this.#retry.resolve();
  }

  /** Asks it to end, ends it by force after the grace period, and resolves when it has gone. */
  async stop(gracePeriodMs: number): Promise<void> {
    this.#stopping.abort();
    this.#retry.resolve();
    const child = this.#child;
    const cancel = this.#options.clock.after(gracePeriodMs, () => child?.signal('SIGKILL'));
    child?.signal('SIGTERM');
    await this.#run;
    cancel();
    this.#change('stopped', '', undefined);
  }

  async #keepRunning(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    let crashes = 0;
    for (let lives = 0; !signal.aborted; lives++) {
      if (lives > 0) this.#state = { ...this.#state, restarts: lives };
      const startMs = clock.monotonicMs();
      const reason = await this.#live();
      if (signal.aborted) return;
      this.#state = { ...this.#state, lastEnd: { reason, timeMs: clock.nowMs() } };
      crashes = clock.monotonicMs() - startMs >= STABLE_MS ? 1 : crashes + 1;
      if (crashes >= CRASHES_MAX) {
        this.#retry = Promise.withResolvers();
        this.#change('failed', `${reason}, ${crashes} times in a row`, undefined);
        await this.#retry.promise;
        crashes = 0;
      } else {
        this.#change('restarting', reason, undefined);
        await clock.sleep(pauseMs(crashes), signal).catch(() => undefined);
      }
    }
  }

  /** One life of the process; returns how it ended. */
  async #live(): Promise<string> {
    const { processes, spec, onLine, onProcess } = this.#options;
    this.#change('starting', '', undefined);
    try {
      const child = await processes.start({ ...spec, onLine });
      this.#child = child;
      onProcess(child.pid, true);
      this.#change('starting', '', child.pid);
      if (this.#stopping.signal.aborted) child.signal('SIGTERM'); // asked while it was starting
      const over = new AbortController();
      const probing = this.#probe(child.pid, over.signal);
      const end = await child.ended;
      over.abort();
      await probing;
      onProcess(child.pid, false);
      return endText(end);
    } catch (error) {
      return errorText(error);
    } finally {
      this.#child = undefined;
    }
  }

  /** Follows its readiness until the life is over. */
  async #probe(pid: number, over: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!over.aborted) {
      const fault = await this.#ask(over);
      if (over.aborted) return;
      const hasBeenReady = this.#state.phase === 'ready' || this.#state.phase === 'not ready';
      if (fault === '') this.#change('ready', '', pid);
      else this.#change(hasBeenReady ? 'not ready' : 'starting', fault, pid);
      const pause = this.#state.phase === 'starting' ? PROBE_STARTING_MS : PROBE_READY_MS;
      await clock.sleep(pause, over).catch(() => undefined);
    }
  }

  /** Empty when it is ready, else why not. */
  async #ask(over: AbortSignal): Promise<string> {
    const { client, clock, spec } = this.#options;
    const { signal, clear } = deadlineSignal(clock, PROBE_TIMEOUT_MS, over);
    try {
      const answer = await client.request({ method: 'GET', url: spec.readyUrl, signal });
      const text = await answer.text();
      return answer.status === 200 ? '' : `${answer.status} ${text.trim()}`;
    } catch (error) {
      return errorText(error);
    } finally {
      clear();
    }
  }

  #change(phase: ComponentPhase, reason: string, pid: number | undefined): void {
    const before = this.#state;
    const sinceMs = before.phase === phase ? before.sinceMs : this.#options.clock.nowMs();
    this.#state = { ...before, phase, reason, pid, sinceMs };
    if (before.phase !== phase || before.pid !== pid) this.#options.onChange(this.#state);
  }
}

function pauseMs(crashes: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (crashes - 1));
}

function endText({ code, signal }: ProcessEnd): string {
  return signal === undefined ? `exited with ${code}` : `ended by ${signal}`;
}
