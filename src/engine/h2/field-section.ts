import { valueCharacter } from '../h1/characters.ts';

/** A field section of HTTP/2, parted into what a request line says and the field lines. */
export interface FieldSection {
  readonly method: string;
  /** '' where there is none, which only CONNECT may lack. */
  readonly path: string;
  readonly scheme: string;
  readonly authority: string | null;
  /** Of an extended CONNECT (RFC 8441 §4). */
  readonly protocol: string | null;
  readonly hosts: readonly string[];
  /** `[name, value, …]` without Host, cookie crumbs joined (RFC 9113 §8.2.3); the caller's to keep. */
  readonly fields: string[];
}

/** Reads a head as nghttp2 hands it over; null where a value is none in HTTP/1.1. */
export function readFields(flat: readonly string[]): FieldSection | null {
  let method = '';
  let path = '';
  let scheme = '';
  let authority: string | null = null;
  let protocol: string | null = null;
  const hosts: string[] = [];
  const fields: string[] = [];
  let cookieAt = -1;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    const value = flat[i + 1] as string;
    if (!isValue(value)) return null;
    switch (name) {
      case ':method':
        method = value;
        break;
      case ':path':
        path = value;
        break;
      case ':scheme':
        scheme = value;
        break;
      case ':authority':
        authority = value;
        break;
      case ':protocol':
        protocol = value;
        break;
      case 'host':
        hosts.push(value);
        break;
      case 'cookie':
        if (cookieAt >= 0) {
          fields[cookieAt] = joined(fields[cookieAt] as string, value);
          break;
        }
        cookieAt = fields.length + 1;
        fields.push(name, value);
        break;
      default:
        fields.push(name, value);
    }
  }
  return { method, path, scheme, authority, protocol, hosts, fields };
}

/** An empty crumb leaves no white space at either end. */
function joined(cookies: string, crumb: string): string {
  return cookies === '' || crumb === '' ? cookies + crumb : `${cookies}; ${crumb}`;
}

const space = 0x20;
const tab = 0x09;

/**
 * Bytes that a field line can carry, and no white space around them, which a parser of HTTP/1.1 would take away (RFC 9113 §8.2.1).
 *
 * @param value as latin1.
 */
export function isValue(value: string): boolean {
  const { length } = value;
  if (length === 0) return true;
  for (let i = 0; i < length; i++) if (valueCharacter[value.charCodeAt(i)] !== 1) return false;
  return !isSpace(value.charCodeAt(0)) && !isSpace(value.charCodeAt(length - 1));
}

function isSpace(code: number): boolean {
  return code === space || code === tab;
}
