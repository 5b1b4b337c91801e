/** The search path of the system's name servers, which c-ares' queries for records leave out. Source: resolv.conf(5). */

/** The names to ask for, in order; each from the root. `configuration` is the text of resolv.conf. */
export function searchNames(name: string, configuration: string): readonly string[] {
  if (name.endsWith('.')) return [name];
  const { domains, dotsMin } = readResolvConf(configuration);
  const asItIs = `${name}.`;
  const searched = domains.map((domain) => `${asItIs}${domain.replace(/\.$/, '')}.`);
  const dots = name.split('.').length - 1;
  return dots >= dotsMin ? [asItIs, ...searched] : [...searched, asItIs];
}

function readResolvConf(text: string): {
  readonly domains: readonly string[];
  readonly dotsMin: number;
} {
  let domains: readonly string[] = [];
  let dotsMin = 1;
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    // Of several the last one counts.
    if (keyword === 'search' || keyword === 'domain') domains = values;
    if (keyword !== 'options') continue;
    for (const option of values) {
      const dots = /^ndots:(\d{1,2})$/.exec(option)?.[1];
      if (dots !== undefined) dotsMin = Math.min(15, Number(dots));
    }
  }
  return { domains: domains.filter((domain) => domain !== '.'), dotsMin };
}
