import { splitList } from './list-text.ts';
import { bad, didYouMean, type Fault, good, type ValueReading } from './value-reading.ts';

const expectedOrigin = 'origins such as https://app.example.com or https://*.example.com, or * for every site';

/** Names that lead nowhere in public: their parent may be a single label (RFC 6761, RFC 6762, RFC 8375). */
const localSuffix = /^(localhost|local|test|internal|lan|home\.arpa)$/;

/**
 * Reads `proxy.cors`: origins as browsers write them (RFC 6454 §6.2: lower case, IDN in ASCII, without the port that the scheme
 * implies), `https://*.example.com` for all names below, or `*` alone.
 */
export function readOriginList(text: string, label: string): ValueReading<readonly string[]> {
  const items = splitList(text).flatMap((part) => part.split(/\s+/));
  if (items.includes('*'))
    return items.length === 1 ? good(['*']) : bad('* alone, which is every site, or a list of origins without it');
  const origins = new Set<string>();
  const faults: Fault[] = [];
  for (const item of items) {
    const reading = readOrigin(item, label);
    if (reading.value !== undefined) origins.add(reading.value);
    for (const fault of reading.faults) faults.push({ ...fault, item });
  }
  return faults.length > 0 ? { faults } : good([...origins]);
}

function readOrigin(item: string, label: string): ValueReading<string> {
  if (/^null$/i.test(item))
    return bad('an origin with a name: null is what every sandboxed frame and every file of a disk sends');
  const [, scheme = '', authority = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#@\s]+)$/i.exec(item) ?? [];
  if (authority === '') return bad(expectedOrigin, mendOf(item, label));
  return /^https?$/i.test(scheme)
    ? readWebOrigin(scheme.toLowerCase(), authority)
    : readOtherOrigin(item.toLowerCase());
}

function readWebOrigin(scheme: string, authority: string): ValueReading<string> {
  const isWildcard = authority.startsWith('*.');
  const name = isWildcard ? authority.slice(2) : authority;
  if (name.includes('*'))
    return bad('a * only as the whole first label, such as https://*.example.com, or * for every site');
  const url = URL.parse(`${scheme}://${name}`);
  if (url === null || url.host === '' || /:$/.test(name)) return bad(expectedOrigin);
  if (!isWildcard) return good(url.origin);
  const { hostname } = url;
  if (/^[\d.]+$|^\[/.test(hostname)) return bad('a * before a name: an address has no names below it');
  if (!hostname.includes('.') && !localSuffix.test(hostname))
    return bad(`a * below a name of your own, such as https://*.example.${hostname}`);
  return good(`${scheme}://*.${url.host}`);
}

/** Of an app or an extension: `capacitor://localhost`, `chrome-extension://…`. */
function readOtherOrigin(origin: string): ValueReading<string> {
  if (origin.startsWith('file:')) return bad('an origin that browsers send: for a file of a disk they send null');
  return /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9._-]+(:\d{1,5})?$/.test(origin) ? good(origin) : bad(expectedOrigin);
}

function mendOf(item: string, label: string): string {
  const [, scheme = 'https://', host] = /^([a-z]+:\/\/)?((?:\*\.)?[a-z0-9.-]+(?::\d+)?)(?:[/?#].*)?$/i.exec(item) ?? [];
  return host !== undefined && (host.includes('.') || /^localhost/i.test(host))
    ? didYouMean(`${label}=${scheme}${host}`)
    : '';
}
