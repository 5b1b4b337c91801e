/** What the server says of itself in the page, before anything is asked. */

/** Which command serves the page; the menu follows it. */
export type ComponentKind = 'up' | 'query' | 'prometheus' | 'store' | 'compact' | 'rule' | 'bucket';

export interface ServerSettings {
  readonly component: ComponentKind;
  /** Stands before every path, such as `/tsanos`; empty for none. */
  readonly prefix: string;
  readonly features: readonly string[];
  readonly version: string;
  readonly title: string;
}

const DEFAULTS: ServerSettings = {
  component: 'up',
  prefix: '',
  features: [],
  version: '',
  title: 'Tsanos',
};

/** From the element `#tsanos`; defaults where there is no page. */
export function serverSettings(page: Document | undefined = globalThis.document): ServerSettings {
  const text = page?.getElementById('tsanos')?.textContent ?? '{}';
  return { ...DEFAULTS, ...(JSON.parse(text) as Partial<ServerSettings>) };
}

/** The nonce under which this page may add styles; empty where the server asks for none. */
export function styleNonce(page: Document | undefined = globalThis.document): string {
  return page?.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';
}
