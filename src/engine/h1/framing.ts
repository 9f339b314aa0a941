import { listItems } from '../../http/list-items.ts';

/** How long a message is, and what becomes of its connection: the few fields whose misreading is an attack. */

/** Bodies beyond this are nobody's: 15 digits stay exact in a double. */
export const digitsMax = 15;

/**
 * The length that Content-Length states; null unless it is digits and nothing else.
 *
 * @param value of the only such line; undefined = there are several (RFC 9112 §6.3 allows to repeat a length, we do not).
 */
export function readContentLength(value: string | undefined): number | null {
  if (value === undefined || value.length === 0 || value.length > digitsMax) return null;
  let length = 0;
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return null;
    length = length * 10 + digit;
  }
  return length;
}

/** `chunked` alone is understood; other well-formed codings are 'unknown' (501, RFC 9112 §6.1), the rest is 'bad'. */
export function readTransferCoding(values: readonly string[]): 'chunked' | 'unknown' | 'bad' {
  if (values.length !== 1) return 'bad';
  const coding = (values[0] as string).toLowerCase();
  if (coding === 'chunked') return 'chunked';
  const codings = coding.split(',').map((item) => item.trim());
  const wellFormed = codings.every((item) => /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(item));
  // chunked anywhere but at the end, or twice, leaves the length undefined.
  const at = codings.indexOf('chunked');
  return wellFormed && (at < 0 || at === codings.length - 1) ? 'unknown' : 'bad';
}

export interface ConnectionOptions {
  readonly close: boolean;
  readonly keepAlive: boolean;
  readonly upgrade: boolean;
}

const noOptions: ConnectionOptions = { close: false, keepAlive: false, upgrade: false };
const keepAliveOnly: ConnectionOptions = { close: false, keepAlive: true, upgrade: false };

export function readConnection(values: readonly string[]): ConnectionOptions {
  if (values.length === 0) return noOptions;
  if (values.length === 1 && values[0] === 'keep-alive') return keepAliveOnly;
  let close = false;
  let keepAlive = false;
  let upgrade = false;
  for (const option of listItems(values)) {
    if (option === 'close') close = true;
    else if (option === 'keep-alive') keepAlive = true;
    else if (option === 'upgrade') upgrade = true;
  }
  return { close, keepAlive, upgrade };
}
