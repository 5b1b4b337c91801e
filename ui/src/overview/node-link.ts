/** What a box is called and which page is about it. */
import type { Catalogue } from '../text/catalogue.ts';
import type { SystemNode } from './system-model.ts';

export interface PageLink {
  readonly to: string;
  readonly search?: Readonly<Record<string, string>>;
  readonly hash?: string;
}

export function nameOf({ kind, mark }: SystemNode, text: Catalogue['overview']): string {
  return mark === '' ? text.kinds[kind] : `${text.kinds[kind]} ${mark}`;
}

/** Undefined where there is no page about it. */
export function linkOf({ kind, address }: SystemNode): PageLink | undefined {
  switch (kind) {
    case 'targets':
      return { to: '/targets' };
    case 'prometheus':
      return {
        to: '/replicas',
        search: { expr: 'up' },
      };
    case 'sidecar':
    case 'store':
    case 'receive':
    case 'rule':
      return { to: '/stores', hash: address };
    case 'query':
    case 'query-frontend':
    case 'entry':
      return { to: '/status' };
    case 'client':
      return { to: '/graph' };
    default:
      return undefined;
  }
}
