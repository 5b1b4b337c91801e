/** Ends the process by an uncaught error: a broken invariant is our bug, never an operating error. */
export class BugError extends Error {
  constructor(message: string) {
    super(`BUG: ${message}`);
    this.name = 'BugError';
  }
}

/** Throws BugError unless the condition holds. The message says what was expected. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new BugError(message);
}

/** Returns the value, which the caller knows to be present. Throws BugError if it is not. */
export function must<T>(value: T | undefined | null, message: string): T {
  if (value === undefined || value === null) throw new BugError(message);
  return value;
}

/** Closes a switch over a tagged union: the compiler proves that no case is left. */
export function unreachable(value: never): never {
  throw new BugError(`unexpected case ${JSON.stringify(value)}`);
}
