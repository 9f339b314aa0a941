import type { ClientHello } from '../../http/transport.ts';
import type { Alert } from './alert.ts';
import { HelloCursor } from './hello-cursor.ts';

export type ReadHello = { readonly hello: ClientHello } | { readonly alert: Alert };

/** What is looked at; the handshake proper reads all of it again, and refuses the rest. */
const extensions = { serverName: 0, protocols: 16, versions: 43 };
const tls12 = 0x0303;
const tls13 = 0x0304;
const hostName = 0;
/** RFC 1035 §2.3.4, without the dot at the end, which a server name does not have (RFC 6066 §3). */
const nameLengthMax = 253;
/** Underscores occur; whether a certificate can stand for them is not decided here. */
const namePattern = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

/**
 * Reads a ClientHello, or says with which alert it is refused: what is malformed, names no name, or offers nothing from TLS 1.2 on.
 *
 * @param body the message without its header of four bytes (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2).
 */
export function readClientHello(body: Buffer): ReadHello {
  const cursor = new HelloCursor(body);
  const legacyVersion = cursor.number(2);
  cursor.bytes(32);
  cursor.vector(1, { atMost: 32 });
  const suites = cursor.vector(2, { atLeast: 2 });
  cursor.vector(1, { atLeast: 1 });
  if (cursor.broken || suites.length % 2 !== 0) return { alert: 'decode_error' };
  // TLS 1.2 knows a hello without extensions.
  const found = cursor.atEnd ? new Map<number, Buffer>() : readExtensions(cursor.vector(2));
  if (found === 'twice') return { alert: 'illegal_parameter' };
  if (found === null || cursor.broken || !cursor.atEnd) return { alert: 'decode_error' };
  const versions = found.get(extensions.versions);
  const offered = versions === undefined ? [legacyVersion] : readVersions(versions);
  const serverName = readServerName(found.get(extensions.serverName));
  const protocols = readProtocols(found.get(extensions.protocols));
  if (offered === null || serverName === undefined || protocols === null) return { alert: 'decode_error' };
  if (!offered.some((version) => version === tls12 || version === tls13)) return { alert: 'protocol_version' };
  if (serverName !== null && (serverName.length > nameLengthMax || !namePattern.test(serverName)))
    return { alert: 'unrecognized_name' };
  return { hello: { serverName, protocols } };
}

/** Those that are looked at; null where the list is malformed. Of two of a kind, two readers could believe different ones. */
function readExtensions(list: Buffer): Map<number, Buffer> | null | 'twice' {
  const cursor = new HelloCursor(list);
  const found = new Map<number, Buffer>();
  while (!cursor.atEnd) {
    const type = cursor.number(2);
    const data = cursor.vector(2);
    if (type !== extensions.serverName && type !== extensions.protocols && type !== extensions.versions) continue;
    if (found.has(type)) return 'twice';
    found.set(type, data);
  }
  return cursor.broken ? null : found;
}

/** RFC 8446 §4.2.1. */
function readVersions(data: Buffer): number[] | null {
  const cursor = new HelloCursor(data);
  const list = new HelloCursor(cursor.vector(1, { atLeast: 2 }));
  const versions: number[] = [];
  while (!list.atEnd) versions.push(list.number(2));
  return cursor.broken || !cursor.atEnd || list.broken ? null : versions;
}

/** RFC 6066 §3: exactly one name, of the only kind there is. Null without the extension, undefined where it is malformed. */
function readServerName(data: Buffer | undefined): string | null | undefined {
  if (data === undefined) return null;
  const cursor = new HelloCursor(data);
  const list = new HelloCursor(cursor.vector(2, { atLeast: 1 }));
  const type = list.number(1);
  const name = list.vector(2, { atLeast: 1 });
  if (cursor.broken || !cursor.atEnd || list.broken || !list.atEnd || type !== hostName) return undefined;
  return name.toString('latin1').toLowerCase();
}

/** RFC 7301 §3.1; empty without the extension, null where it is malformed. */
function readProtocols(data: Buffer | undefined): string[] | null {
  if (data === undefined) return [];
  const cursor = new HelloCursor(data);
  const list = new HelloCursor(cursor.vector(2, { atLeast: 2 }));
  const protocols: string[] = [];
  while (!list.atEnd) protocols.push(list.vector(1, { atLeast: 1 }).toString('latin1'));
  return cursor.broken || !cursor.atEnd || list.broken ? null : protocols;
}
