import type { DnsResolver } from '../../../src/tls/dns/dns-resolver.ts';

type Kind = 'CNAME' | 'NS' | 'A' | 'AAAA' | 'TXT';

/** A resolver over lines such as `example.test NS ns1.example.test`; those that are missing are not found. */
export function fakeResolver(lines: readonly string[] | 'silent'): DnsResolver {
  const ask = async (name: string, kind: Kind): Promise<string[]> => {
    if (lines === 'silent') throw Object.assign(new Error('no answer'), { code: 'ETIMEOUT' });
    const start = `${name} ${kind} `;
    const found = lines.flatMap((line) => (line.startsWith(start) ? [line.slice(start.length)] : []));
    if (found.length === 0) throw Object.assign(new Error('nothing there'), { code: 'ENOTFOUND' });
    return found;
  };
  return {
    resolveCname: (name) => ask(name, 'CNAME'),
    resolveNs: (name) => ask(name, 'NS'),
    resolve4: (name) => ask(name, 'A'),
    resolve6: (name) => ask(name, 'AAAA'),
    resolveTxt: async (name) => (await ask(name, 'TXT')).map((value) => [value]),
  };
}
