/** Under which address others reach a target that is on this machine. Source: Prometheus web/api/v1, getGlobalURL. */

export interface OwnAddress {
  /** host:port that this server listens on. */
  readonly listenAddress: string;
  /** Under which clients see it. */
  readonly externalUrl: string;
}

const LOCAL_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** A target on this machine gets the external host; this server itself the whole external address. */
export function globalUrl(scrapeUrl: string, { listenAddress, externalUrl }: OwnAddress): string {
  if (!URL.canParse(scrapeUrl) || !URL.canParse(externalUrl)) return scrapeUrl;
  const url = new URL(scrapeUrl);
  if (!LOCAL_HOSTS.has(url.hostname)) return scrapeUrl;
  const external = new URL(externalUrl);
  const ownPort = /:(\d+)$/.exec(listenAddress)?.[1] ?? '';
  const rest = `${url.pathname}${url.search}`;
  if (url.port === ownPort) return `${external.protocol}//${external.host}${rest}`;
  const port = url.port === '' ? '' : `:${url.port}`;
  return `${url.protocol}//${external.hostname}${port}${rest}`;
}
