import { closest } from '../base/suggest.ts';
import { trustedNetworkWords } from '../http/trusted-networks.ts';
import { readCidrs } from '../labels/address-list.ts';
import { splitList } from '../labels/list-text.ts';
import { didYouMean, type Fault, type ValueReading } from '../labels/value-reading.ts';

const expected = 'CIDRs such as 10.0.0.0/8, addresses, `private` or `cloudflare`, separated by commas';

/** Reads `FAIRLEAD_TRUSTED` into CIDRs, each once. */
export function readTrusted(text: string, label: string): ValueReading<readonly string[]> {
  if (/^(off|none|no)$/i.test(text)) return { value: [], faults: [] };
  const cidrs = new Set<string>();
  const faults: Fault[] = [];
  for (const item of splitList(text).flatMap((part) => part.split(/\s+/))) {
    const read = networksOf(item, label);
    for (const cidr of read.value ?? []) cidrs.add(cidr);
    for (const fault of read.faults) faults.push({ ...fault, item });
    if (read.value?.some((cidr) => cidr.endsWith('/0')))
      faults.push({ expected: 'the proxies in front only: this trusts everybody', severity: 'warning', item });
  }
  return faults.some(({ severity }) => severity !== 'warning') ? { faults } : { value: [...cidrs], faults };
}

function networksOf(item: string, label: string): ValueReading<readonly string[]> {
  const word = item.toLowerCase();
  if (isWord(word)) return { value: trustedNetworkWords[word], faults: [] };
  const read = readCidrs(item, label);
  if (read.value !== undefined) return read;
  const near = /^[a-z]/.test(word) ? closest(word, Object.keys(trustedNetworkWords)) : null;
  // The words of the reader of labels would offer files.
  const ofRange = read.faults[0]?.suggestion ?? '';
  return { faults: [{ expected, suggestion: near === null ? ofRange : didYouMean(`${label}=${near}`) }] };
}

function isWord(word: string): word is keyof typeof trustedNetworkWords {
  return Object.hasOwn(trustedNetworkWords, word);
}
