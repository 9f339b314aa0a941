import { bad, good, type Reader } from '../labels/value-reading.ts';

/** Reads an address with one of these protocols. Never repeats its text: an address may hold a password. */
export function urlOf(protocols: readonly string[], expected: string): Reader<string> {
  return (value) => {
    const url = URL.parse(value);
    return url !== null && url.hostname !== '' && protocols.includes(url.protocol) ? good(value) : bad(expected);
  };
}
