/** What a storage is doing, told from the operation on a file and its path. */

export const PHASES = [
  'append',
  'head chunks',
  'checkpoint',
  'truncation',
  'block write',
  'rename',
  'block removal',
] as const;
export type Phase = (typeof PHASES)[number];

export type Operation =
  | 'open'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'sync directory'
  | 'make directory'
  | 'rename'
  | 'link'
  | 'remove';

/** Undefined for what belongs to none: the lock, the data directory itself. */
export function phaseOf(operation: Operation, path: string): Phase | undefined {
  if (operation === 'rename' && !path.includes('.tmp-for-deletion')) return 'rename';
  if (/\/[0-9A-Z]{26}\.tmp-for-creation/.test(path)) return 'block write';
  if (/\/[0-9A-Z]{26}/.test(path)) return 'block removal';
  if (/\/wal\/checkpoint\.\d+\.tmp/.test(path)) return 'checkpoint';
  if (operation === 'remove' && /\/(wal|chunks_head)\/./.test(path)) return 'truncation';
  if (/\/wal\/\d/.test(path)) return 'append';
  if (/\/chunks_head\/\d/.test(path)) return 'head chunks';
  return undefined;
}
