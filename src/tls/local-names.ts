import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Names that no public issuer signs, with all below them (RFC 6761, RFC 6762, ICANN for `internal`). */
const domains = ['localhost', 'local', 'internal', 'test'];

/** Private, loopback and link-local (RFC 1918, 4193, 4291, 3927). */
const networks = [
  { address: '10.0.0.0', bits: 8 },
  { address: '127.0.0.0', bits: 8 },
  { address: '169.254.0.0', bits: 16 },
  { address: '172.16.0.0', bits: 12 },
  { address: '192.168.0.0', bits: 16 },
  { address: '::1', bits: 128 },
  { address: 'fc00::', bits: 7 },
  { address: 'fe80::', bits: 10 },
] as const;

const list = new BlockList();
for (const { address, bits } of networks) list.addSubnet(address, bits, isIPv4(address) ? 'ipv4' : 'ipv6');

/** Whether a name or address can be meant on one machine or network only. */
export function isLocalName(name: string): boolean {
  if (isIPv4(name)) return list.check(name, 'ipv4');
  if (isIPv6(name)) return list.check(name, 'ipv6');
  return domains.some((domain) => name === domain || name.endsWith(`.${domain}`));
}

/** The same as a NameConstraints extension says it: DER of RFC 5280 §4.2.1.10. */
export function localNameConstraints(): Uint8Array<ArrayBuffer> {
  const bases = [
    ...domains.map((domain) => der(dnsName, Buffer.from(domain))),
    ...networks.map(({ address, bits }) => der(ipAddress, addressAndMask(address, bits))),
  ];
  return der(sequence, der(permittedSubtrees, Buffer.concat(bases.map((base) => der(sequence, base)))));
}

const sequence = 0x30;
const permittedSubtrees = 0xa0;
const dnsName = 0x82;
const ipAddress = 0x87;

function der(tag: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = content;
  const head = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Uint8Array.from([...head, ...content]);
}

function addressAndMask(address: string, bits: number): Uint8Array {
  const bytes = addressBytes(address);
  const mask = bytes.map((_, at) => (0xff00 >> Math.min(8, Math.max(0, bits - at * 8))) & 0xff);
  return Uint8Array.from([...bytes, ...mask]);
}

function addressBytes(address: string): readonly number[] {
  if (isIPv4(address)) return address.split('.').map(Number);
  const [head = [], tail = []] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return groups.map((group) => Number.parseInt(group, 16)).flatMap((group) => [group >> 8, group & 0xff]);
}
