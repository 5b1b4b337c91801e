/** How something stands. */
export type State = 'good' | 'warn' | 'bad' | 'unknown';
