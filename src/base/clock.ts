/** The only source of time. The real one is world/clock.ts; simulations pass their own. */
export interface Clock {
  /** Wall time in milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Monotonic time in milliseconds, with fractions; only differences mean something. */
  monotonicMs(): number;
  /** Calls back once after the delay; the returned function cancels. Never keeps a process alive. */
  after(delayMs: number, callback: () => void): () => void;
  /** Resolves after the delay; rejects with the signal's reason when it is aborted before. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** A signal that is aborted with a TimeoutError after the delay or when the parent is. */
export function deadlineSignal(
  clock: Clock,
  timeoutMs: number,
  parent?: AbortSignal,
): { readonly signal: AbortSignal; readonly clear: () => void } {
  const controller = new AbortController();
  const cancel = clock.after(timeoutMs, () => {
    controller.abort(new DOMException(`timed out after ${timeoutMs} ms`, 'TimeoutError'));
  });
  const follow = (): void => controller.abort(parent?.reason);
  if (parent?.aborted === true) follow();
  parent?.addEventListener('abort', follow, { once: true });
  const clear = (): void => {
    cancel();
    parent?.removeEventListener('abort', follow);
  };
  return { signal: controller.signal, clear };
}
