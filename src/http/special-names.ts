/**
 * Field names that the proxy treats in a way of their own; all in lower case. Kept together, so that engines can tell
 * from the length and the first letter of a name that it is none of them, and most lines of a head need not be looked at.
 */

/**
 * Fields that belong to one connection (RFC 9110 §7.6.1), and those by which a client and a proxy in front of it talk about
 * credentials (§11.7): a gateway is not that proxy, and a container has no business with them.
 */
export const hopByHopNames: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
]);

/** Written by the proxy itself, besides everything that begins with `x-forwarded-`; `proxy` is httpoxy's. */
export const ownNames: ReadonlySet<string> = new Set(['x-real-ip', 'x-request-id', 'forwarded', 'proxy']);

/** Those by which a backend frames or routes: a spelling that it folds into one of them must not pass either. */
export const framingNames: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'host',
  'connection',
  'upgrade',
  'te',
  'trailer',
  'expect',
]);

const lengthMax = 32;
const table = new Uint8Array(lengthMax * 32);
for (const name of [...hopByHopNames, ...ownNames]) table[name.length * 32 + (name.charCodeAt(0) & 31)] = 1;

/**
 * False when a name of this length and first letter (in either case) is certainly no hop-by-hop name and none of our own.
 * Names with `_` are special whatever they are; this does not know them.
 */
export function maySpecial(length: number, firstCode: number): boolean {
  // `x-forwarded-` and whatever follows it.
  if ((firstCode | 0x20) === 0x78 && length > 9) return true;
  return length < lengthMax && table[length * 32 + (firstCode & 31)] === 1;
}
