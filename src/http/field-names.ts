/**
 * Field names that the proxy treats in a way of their own, each with a number. A parser that knows the number of a line while
 * it reads it can tell without a look at any line, by one bit of a mask, that a head has none of the names somebody asks for.
 */

/** All in lower case, in the order of their numbers; 0 is any other name. */
const names = [
  '',
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'x-real-ip',
  'x-request-id',
  'forwarded',
  'proxy',
  'accept',
  'user-agent',
  'referer',
  'authorization',
  'cache-control',
  'range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
] as const;

/** `x-forwarded-` and whatever follows it. */
const forwardedPrefix = 'x-forwarded-';
const forwardedNumber = names.length;
/** A name with `_`, which CGI-style backends read as `-`. */
const underscoredNumber = names.length + 1;
if (underscoredNumber > 31) throw new Error('a mask has 32 bits, one for each number');

const lengthMax = 32;
/** By length and first letter, the only numbered name that a name can be: no two of ours agree in both. */
const candidates = new Uint8Array(lengthMax * 32);
for (const [number, name] of names.entries()) {
  if (number === 0) continue;
  const slot = name.length * 32 + (name.charCodeAt(0) & 31);
  if (candidates[slot] !== 0) throw new Error(`${name} and ${names[candidates[slot] as number]} cannot be told apart`);
  candidates[slot] = number;
}

/** The number of a name in lower case. */
export function nameNumber(lower: string): number {
  const { length } = lower;
  const candidate = length < lengthMax ? (candidates[length * 32 + (lower.charCodeAt(0) & 31)] as number) : 0;
  if (candidate !== 0 && names[candidate] === lower) return candidate;
  if (lower.includes('_')) return underscoredNumber;
  return lower.startsWith(forwardedPrefix) ? forwardedNumber : 0;
}

/** Every name with this number is the same name. */
export function isOneName(number: number): boolean {
  return number !== 0 && number < forwardedNumber;
}

const codes = names.map((name) => Uint8Array.from(name, (letter) => letter.charCodeAt(0)));
const forwardedCodes = Uint8Array.from(forwardedPrefix, (letter) => letter.charCodeAt(0));
const letterX = 0x78;

/**
 * The number of the name that stands at `from`–`to`, in any case.
 *
 * @param bytes a token there (RFC 9110 §5.6.2); nothing else is checked.
 * @param underscored it has a `_`.
 */
export function numberAt(bytes: Uint8Array, from: number, to: number, underscored: boolean): number {
  if (underscored) return underscoredNumber;
  const length = to - from;
  const first = bytes[from] as number;
  const candidate = length < lengthMax ? (candidates[length * 32 + (first & 31)] as number) : 0;
  if (candidate !== 0 && spells(bytes, from, codes[candidate] as Uint8Array)) return candidate;
  if ((first | 0x20) === letterX && length >= forwardedCodes.length && spells(bytes, from, forwardedCodes))
    return forwardedNumber;
  return 0;
}

/** Or-ing 0x20 makes letters lower case and leaves `-` alone; no other token character becomes one of these by it. */
function spells(bytes: Uint8Array, from: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (((bytes[from + i] as number) | 0x20) !== word[i]) return false;
  return true;
}

/** Names that are looked for together. */
export class FieldSet {
  /** Bits of their numbers. */
  readonly mask: number;
  /** But for the groups. */
  readonly names: ReadonlySet<string>;

  /**
   * @param names numbered ones only.
   * @param groups whether names that begin with `x-forwarded-`, and those with a `_`, belong to it as well.
   */
  constructor(names: Iterable<string>, groups: { readonly forwarded?: boolean; readonly underscored?: boolean } = {}) {
    this.names = new Set(names);
    let mask = 0;
    for (const name of this.names) {
      const number = nameNumber(name);
      if (!isOneName(number)) throw new Error(`${name} has no number of its own`);
      mask |= 1 << number;
    }
    if (groups.forwarded === true) mask |= 1 << forwardedNumber;
    if (groups.underscored === true) mask |= 1 << underscoredNumber;
    this.mask = mask;
  }

  has(lower: string): boolean {
    const number = nameNumber(lower);
    return number !== 0 && (this.mask & (1 << number)) !== 0;
  }
}

/**
 * Fields that belong to one connection (RFC 9110 §7.6.1), and those by which a client and a proxy in front of it talk about
 * credentials (§11.7): a gateway is not that proxy, and a container has no business with them.
 */
export const hopByHopFields = new FieldSet([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
]);

/** Written by the proxy itself; `proxy` is httpoxy's. */
const ownNames = ['x-real-ip', 'x-request-id', 'proxy'];
export const ownFields = new FieldSet([...ownNames, 'forwarded'], { forwarded: true });
/** `Forwarded` (RFC 7239) of a proxy that is believed may pass. */
export const ownFieldsButForwarded = new FieldSet(ownNames, { forwarded: true });

/** Those by which a backend frames or routes: a spelling that it folds into one of them must not pass either. */
export const framingFields = new FieldSet([
  'content-length',
  'transfer-encoding',
  'host',
  'connection',
  'upgrade',
  'te',
  'trailer',
  'expect',
]);

export const underscoredFields = new FieldSet([], { underscored: true });
