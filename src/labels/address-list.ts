import { isIP } from 'node:net';
import { trustedNetworkWords } from '../http/trusted-networks.ts';
import { splitList } from './list-text.ts';
import type { AddressEntry } from './options.ts';
import { isRef, readRef } from './ref.ts';
import { bad, didYouMean, type Fault, good, type ValueReading } from './value-reading.ts';

/** What `private` stands for here as in the settings. */
export const privateRanges: readonly string[] = trustedNetworkWords.private;

const expectedAddress = 'addresses such as 10.0.0.0/8, 192.0.2.7, private or @/path/to/list';

/** Reads `proxy.allow` and `proxy.deny`. */
export function readAddressList(text: string, label: string): ValueReading<readonly AddressEntry[]> {
  const entries: AddressEntry[] = [];
  const faults: Fault[] = [];
  for (const item of splitList(text).flatMap((part) => part.split(/\s+/))) {
    if (item === '') {
      faults.push(
        text === ''
          ? { expected: expectedAddress }
          : { expected: 'no empty item between the commas', severity: 'warning' },
      );
      continue;
    }
    const reading = isRef(item) ? readRef(item) : readCidrs(item, label);
    if (reading.value !== undefined) entries.push(...[reading.value].flat());
    for (const fault of reading.faults) faults.push({ ...fault, item });
  }
  return entries.length === 0 ? { faults } : { value: entries, faults };
}

/** Reads one CIDR, one address (`/32`, `/128`) or the word `private`. */
export function readCidrs(item: string, label: string): ValueReading<readonly string[]> {
  if (item.length > 100) return bad(expectedAddress);
  if (item.toLowerCase() === 'private') return good(privateRanges);
  const [address = '', bits, more] = item.replace(/^\[(.*)\]/, '$1').split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || more !== undefined)
    return bad(expectedAddress, nearAddress(item, label));
  const bitsMax = version === 4 ? 32 : 128;
  if (bits === undefined) return good([`${address.toLowerCase()}/${bitsMax}`]);
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > bitsMax)
    return bad(`a prefix length of 0 to ${bitsMax}, such as ${address}/${version === 4 ? 24 : 64}`);
  return good([`${address.toLowerCase()}/${Number(bits)}`]);
}

/** `10.1.*` → `10.1.0.0/16`. */
function nearAddress(item: string, label: string): string {
  const parts = /^(\d{1,3}(?:\.\d{1,3}){0,2})((?:\.(?:\*|x))+)$/.exec(item)?.[1]?.split('.');
  if (parts === undefined || parts.some((part) => Number(part) > 255)) return '';
  return didYouMean(`${label}=${[...parts, '0', '0', '0'].slice(0, 4).join('.')}/${parts.length * 8}`);
}
