import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { bracketed, shortestIPv6 } from '../http/authority.ts';
import type { HostPattern } from './host-pattern.ts';
import { splitList } from './list-text.ts';
import { compileRegex, regexFault } from './regex-source.ts';
import { bad, didYouMean, type Fault, good, siblingLabel, type ValueReading } from './value-reading.ts';

const expectedHost = 'a host such as app.example.com, *.example.com, ~^app[0-9]+\\.example\\.com$ or *';

/** A name has at most 253 characters; a URL in its place a few more. */
const itemCharsMax = 1_000;

/** Reads `proxy.host`: one bad item does not kill the good ones. Without a good one there is no value. */
export function readHostList(text: string, label: string): ValueReading<readonly HostPattern[]> {
  return readItems(text, label, readHost);
}

/** Reads `proxy.alias`: names only, since an alias is answered with a redirect and gets a certificate. */
export function readAliasList(text: string, label: string): ValueReading<readonly HostPattern[]> {
  return readItems(text, label, (item) => {
    const reading = readHost(item, label);
    if (reading.value !== undefined && reading.value.kind !== 'exact')
      return bad('whole names such as www.example.com: an alias is redirected to the first host');
    return reading;
  });
}

function readItems(
  text: string,
  label: string,
  read: (item: string, label: string) => ValueReading<HostPattern>,
): ValueReading<readonly HostPattern[]> {
  const patterns = new Map<string, HostPattern>();
  const faults: Fault[] = [];
  for (const item of splitList(text)) {
    if (item === '') {
      faults.push(
        text === ''
          ? { expected: expectedHost }
          : { expected: 'no empty item between the commas', severity: 'warning' },
      );
      continue;
    }
    const reading = read(item, label);
    if (reading.value !== undefined) patterns.set(reading.value.text, reading.value);
    for (const fault of reading.faults) faults.push({ ...fault, item });
  }
  return patterns.size === 0 ? { faults } : { value: [...patterns.values()], faults };
}

function readHost(item: string, label: string): ValueReading<HostPattern> {
  if (item === '*') return good({ kind: 'any', text: '*' });
  if (item.startsWith('~')) return readRegexHost(item);
  if (item.length > itemCharsMax) return bad(expectedHost);
  const mistaken = mistakenHost(item, label);
  if (mistaken !== null) return mistaken;
  if (item.startsWith('*.')) return readWildcard(item, label);
  if (item.includes('*')) return misplacedStar(item, label);
  const name = hostName(item);
  if (name === null) return misspeltName(item, label);
  return good({ kind: 'exact', text: bracketed(name), name });
}

function readRegexHost(item: string): ValueReading<HostPattern> {
  const source = item.slice(1);
  const fault = regexFault(source);
  if (fault !== null) return { faults: [fault] };
  if (compileRegex(source).test(''))
    return {
      value: { kind: 'regex', text: item, source },
      faults: [{ expected: 'a regex that does not match everything; `*` says that plainly', severity: 'warning' }],
    };
  return good({ kind: 'regex', text: item, source });
}

function readWildcard(item: string, label: string): ValueReading<HostPattern> {
  const base = item.slice(2);
  if (base.includes('*')) return misplacedStar(item, label);
  const name = hostName(base);
  if (name === null || isIPv4(name) || name.includes(':')) return misspeltName(item, label);
  return good({ kind: 'wildcard', text: `*.${name}`, suffix: `.${name}` });
}

/** Things that are no host at all, but from which one can be taken. */
function mistakenHost(item: string, label: string): ValueReading<HostPattern> | null {
  const rule = /^host(?:regexp)?\(\s*[`'"]([^`'"]+)/i.exec(item);
  if (rule !== null) return bad(`${expectedHost}; rules such as Host(…) are Traefik's`, mend(label, rule[1] as string));
  const url = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(item);
  if (url !== null)
    return bad('a host without a scheme: http and https are both served', mend(label, url[2] as string, url[3]));
  if (/\s/.test(item))
    return bad(
      'hosts separated by commas, such as a.example.com,b.example.com',
      didYouMean(`${label}=${item.split(/[\s,]+/).join(',')}`),
    );
  if (item.includes('@')) return bad('a host without a user', mend(label, item.slice(item.lastIndexOf('@') + 1)));
  const slash = item.search(/[/?#]/);
  if (slash >= 0) return bad('a host without a path', mend(label, item.slice(0, slash), item.slice(slash)));
  if (isIPv6(item)) return null;
  if (/^(\[.*\]|[^:]*):\d*$/.test(item))
    return bad(
      'a host without a port: the proxy listens where FAIRLEAD_HTTP and FAIRLEAD_HTTPS say',
      mend(label, item),
    );
  if (item.startsWith('.')) return bad(expectedHost, didYouMean(`${label}=*${item}`));
  return null;
}

/** `app.example.com:8080` and the path after it → the labels that say it in our words. */
function mend(label: string, authority: string, path = ''): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:(\d*)$/, '');
  const port = /:(\d+)$/.exec(authority)?.[1];
  if (host === '') return '';
  const labels = [`${label}=${host.toLowerCase()}`];
  if (port !== undefined && port !== '80' && port !== '443') labels.push(`${siblingLabel(label, 'port')}=${port}`);
  const plainPath = path.replace(/[?#].*$/s, '');
  if (plainPath !== '' && plainPath !== '/') labels.push(`${siblingLabel(label, 'path')}=${plainPath}`);
  return didYouMean(...labels);
}

function misplacedStar(item: string, label: string): ValueReading<HostPattern> {
  const source = item
    .toLowerCase()
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^.]+');
  return bad('the `*` only as the whole first label, such as *.example.com', didYouMean(`${label}=~^${source}$`));
}

function misspeltName(item: string, label: string): ValueReading<HostPattern> {
  if (/[`"'()|^$\\]/.test(item)) {
    const bare = item.replace(/^[`"']+|[`"']+$/g, '');
    if (hostName(bare) !== null) return bad('a host without quotes', didYouMean(`${label}=${bare}`));
    return bad(
      `${expectedHost}; a regex begins with ~`,
      regexFault(item) === null ? didYouMean(`${label}=~${item}`) : '',
    );
  }
  if (item.includes('_')) return bad('a host name of letters, digits, - and _, each part at most 63 long');
  return bad(expectedHost);
}

/**
 * The form in which a host is compared: lower case, IDN in ASCII (UTS 46), no trailing dot; IPv6 in its shortest form,
 * without brackets, as http/authority.ts has it.
 * @returns null when it is no host.
 */
function hostName(text: string): string | null {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (isIPv6(bare)) return shortestIPv6(bare.replace(/%.*$/, ''));
  const ascii = /^[\x20-\x7e]*$/.test(text) ? text.toLowerCase() : domainToASCII(text);
  const name = ascii.replace(/\.$/, '');
  if (name === '' || name.length > 253) return null;
  const parts = name.split('.');
  if (!parts.every((part) => /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/.test(part))) return null;
  // A name that ends in a number would be read as an IPv4 address by every client (WHATWG URL §3.5).
  if (/^\d+$/.test(parts.at(-1) as string) && !isIPv4(name)) return null;
  return name;
}
