/** Notices of what has no place on the page, such as an action in the background that failed. */
import { createContext, useContext } from 'react';
import type { State } from './state.ts';

export interface Notice {
  readonly id: number;
  readonly state: State;
  readonly title: string;
  /** What exactly, and what to do. */
  readonly text?: string;
}

/** More than these push the oldest out. */
const NOTICES_MAX = 4;

export class NoticeStore {
  #notices: readonly Notice[] = [];
  #listeners = new Set<() => void>();
  #lastId = 0;

  readonly current = (): readonly Notice[] => this.#notices;

  /** The same notice is not shown twice at a time. */
  readonly add = (notice: Omit<Notice, 'id'>): void => {
    const isThere = this.#notices.some(
      ({ title, text }) => title === notice.title && text === notice.text,
    );
    if (isThere) return;
    this.#lastId++;
    this.#set([...this.#notices, { ...notice, id: this.#lastId }].slice(-NOTICES_MAX));
  };

  readonly remove = (id: number): void => {
    this.#set(this.#notices.filter((notice) => notice.id !== id));
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #set(notices: readonly Notice[]): void {
    this.#notices = notices;
    for (const listener of this.#listeners) listener();
  }
}

export const NoticeContext = createContext(new NoticeStore());

/** Shows a notice in the corner; what concerns a place on the page belongs there, in an ErrorNote. */
export function useNotify(): (notice: Omit<Notice, 'id'>) => void {
  return useContext(NoticeContext).add;
}
