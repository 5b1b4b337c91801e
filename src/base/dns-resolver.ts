/** The only way to DNS. The real one is world/dns-resolver.ts. */
export interface DnsResolver {
  /** IP addresses of a host; none when the name does not exist. Throws OperationError 'unavailable'. */
  addresses(host: string, family: 4 | 6): Promise<readonly string[]>;
  /** SRV records of a name; none when it does not exist. Throws OperationError 'unavailable'. */
  services(name: string): Promise<readonly DnsService[]>;
  /** Hosts of MX records; none when the name does not exist. Throws OperationError 'unavailable'. */
  mailServers(name: string): Promise<readonly string[]>;
  /** Hosts of NS records; none when the name does not exist. Throws OperationError 'unavailable'. */
  nameServers(name: string): Promise<readonly string[]>;
}

export interface DnsService {
  readonly target: string;
  readonly port: number;
}
