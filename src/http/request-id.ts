import { randomFillSync } from 'node:crypto';
import type { HeaderList } from './header-list.ts';

const acceptable = /^[\w.:=+/-]{1,128}$/;

/** The X-Request-Id of a trusted peer, so that one id follows a request through all proxies; else a new one. */
export function requestId(headers: HeaderList, trusted: boolean): string {
  const given = trusted ? headers.get('x-request-id') : undefined;
  return given !== undefined && acceptable.test(given) ? given : newRequestId();
}

/** Digits of an id: 128 random bits, as nginx's `$request_id` has. */
const digits = 32;
const random = Buffer.alloc((digits / 2) * 512);
/** Ids that were made together, because the way to the random generator costs more than the randomness. */
let stock = '';
let used = 0;

/** 32 random hexadecimal digits. */
export function newRequestId(): string {
  if (used === stock.length) {
    stock = randomFillSync(random).toString('hex');
    used = 0;
  }
  used += digits;
  return stock.slice(used - digits, used);
}
