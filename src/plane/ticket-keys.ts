import { randomBytes } from 'node:crypto';

/** Whoever gets at the keys can read what was said under them, so they are changed, and with them go the sessions that could be resumed. */
export const ticketKeysLifeMs = 12 * 60 * 60_000;

/** As node takes them. */
export function newTicketKeys(): Uint8Array {
  return randomBytes(48);
}
