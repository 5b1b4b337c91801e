/**
 * Nobody outlives the supervisor. The guardian is a shell of about a megabyte that reads our children's ids from a
 * pipe. When the pipe ends, because we ended, be it by SIGKILL, it ends them: each with its process group, at first
 * politely, after ten seconds by force. A guardian that is killed is replaced.
 */
import type { Clock } from '../base/clock.ts';
import type { ChildProgram, ProcessHost } from '../base/process-host.ts';
import type { Logger } from '../telemetry/logger.ts';

const SCRIPT = `
alive=""
while read -r what pid; do
  rest=""
  for one in $alive; do [ "$one" = "$pid" ] || rest="$rest $one"; done
  alive="$rest"
  [ "$what" = lives ] && alive="$alive $pid"
done
[ -n "$alive" ] || exit 0
for one in $alive; do kill -s TERM -- "-$one" 2>/dev/null; done
tenths=0
while [ $tenths -lt 100 ]; do
  left=""
  for one in $alive; do kill -s 0 -- "-$one" 2>/dev/null && left="$left $one"; done
  [ -n "$left" ] || exit 0
  sleep 0.1
  tenths=$((tenths + 1))
done
for one in $left; do kill -s KILL -- "-$one" 2>/dev/null; done
`;

const PAUSE_MS = 1000;

export class Guardian {
  #processes: ProcessHost;
  #clock: Clock;
  #logger: Logger;
  #alive = new Set<number>();
  #child: ChildProgram | undefined;
  #isClosing = false;

  constructor(processes: ProcessHost, clock: Clock, logger: Logger) {
    this.#processes = processes;
    this.#clock = clock;
    this.#logger = logger;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    const child = await this.#processes.start({
      file: '/bin/sh',
      args: ['-c', SCRIPT],
      onLine: (line) => this.#logger.warn('guardian', { line }),
    });
    this.#child = child;
    for (const pid of this.#alive) child.send(`lives ${pid}`);
    void child.ended.then(() => this.#replace());
  }

  /** Tells of a process group that begins or ends. */
  tell(pid: number, isAlive: boolean): void {
    if (isAlive) this.#alive.add(pid);
    else this.#alive.delete(pid);
    this.#child?.send(`${isAlive ? 'lives' : 'ended'} ${pid}`);
  }

  /** Ends the guardian; to be called when no process is left. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#child?.signal('SIGKILL');
    await this.#child?.ended;
  }

  #replace(): void {
    this.#child = undefined;
    if (this.#isClosing) return;
    this.#logger.warn('the guardian was killed, another takes its place');
    this.#clock.after(PAUSE_MS, () => {
      if (this.#isClosing) return;
      this.start().catch((error: unknown) => {
        this.#logger.error('no guardian: children would outlive a killed supervisor', {
          err: error,
        });
      });
    });
  }
}
