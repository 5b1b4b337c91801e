/**
 * Which proxy a URL is asked through, by the rules of Go's programs: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, or the
 * proxy_url and no_proxy of a configuration. Source: net/http and x/net/http/httpproxy of Go.
 */
import { BlockList, isIP } from 'node:net';
import type { ProxySettings } from './client-settings.ts';

/** Undefined: without a proxy. */
export type ChooseProxy = (url: URL) => string | undefined;

export type Environment = Readonly<Record<string, string | undefined>>;

const direct: ChooseProxy = () => undefined;

/** `environment` is what `proxy_from_environment` reads. */
export function proxyChooser(settings: ProxySettings, environment: Environment): ChooseProxy {
  if (settings.fromEnvironment) {
    const first = (name: string): string =>
      environment[name] || environment[name.toLowerCase()] || '';
    return except(first('NO_PROXY'), first('HTTP_PROXY'), first('HTTPS_PROXY'));
  }
  const { url, noProxy } = settings;
  if (url === undefined) return direct;
  // Without exceptions even the loopback addresses go through the proxy.
  return noProxy === '' ? () => url : except(noProxy, url, url);
}

function except(noProxy: string, httpProxy: string, httpsProxy: string): ChooseProxy {
  const isExcepted = noProxyMatcher(noProxy);
  return (url) => {
    const proxy = url.protocol === 'https:' ? httpsProxy : httpProxy;
    if (proxy === '' || isExcepted(url)) return undefined;
    return proxy.includes('://') ? proxy : `http://${proxy}`;
  };
}

type HostMatcher = (host: string, port: string) => boolean;

/** Loopback addresses are always reached directly. */
function noProxyMatcher(noProxy: string): (url: URL) => boolean {
  const entries = noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '');
  const matchers = entries.includes('*') ? [() => true] : entries.map(entryMatcher);
  return (url) => {
    const host = bare(url.hostname);
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    return isLoopback(host) || matchers.some((matches) => matches(host, port));
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** An address, a network, or a domain with or without a port. */
function entryMatcher(entry: string): HostMatcher {
  const network = networkMatcher(entry);
  if (network !== undefined) return network;
  const [, name = entry, port = ''] = /^(\[.*\]|[^:]*):(\d*)$/.exec(entry) ?? [];
  const host = bare(name);
  const isPort = (given: string): boolean => port === '' || port === given;
  if (isIP(host) !== 0) {
    const isSame = addressMatcher(host);
    return (given, givenPort) => isSame(given) && isPort(givenPort);
  }
  const domain = host.replace(/^\*\./, '.');
  const withDot = domain.startsWith('.') ? domain : `.${domain}`;
  return (given, givenPort) =>
    isIP(given) === 0 && (given.endsWith(withDot) || given === domain) && isPort(givenPort);
}

function networkMatcher(entry: string): HostMatcher | undefined {
  const [, address = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  const family = isIP(address);
  if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return (host) => isIP(host) === family && list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** Addresses have several spellings. */
function addressMatcher(address: string): (host: string) => boolean {
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addAddress(address, family);
  return (host) => isIP(host) === isIP(address) && list.check(host, family);
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
