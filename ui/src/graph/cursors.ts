/** The time under the pointer, shared by the pictures of one page: what one shows, the others mark. */
import { useState } from 'react';

type Listener = (timeMs: number | undefined, source: object) => void;

export class Cursors {
  readonly #listeners = new Set<Listener>();

  /** `undefined` when the pointer has left. `source` tells its own news from others'. */
  publish(timeMs: number | undefined, source: object): void {
    for (const listener of this.#listeners) listener(timeMs, source);
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export function useCursors(): Cursors {
  return useState(() => new Cursors())[0];
}
