import { createHmac, timingSafeEqual } from 'node:crypto';
import { decodeMessage, encodeMessage, recordClass, recordType, type WireMessage } from './wire-message.ts';
import { decodeName, encodeName } from './wire-name.ts';

/** A secret that we share with a name server. */
export interface TsigKey {
  readonly name: string;
  readonly algorithm: TsigAlgorithm;
  readonly secret: Buffer;
}

export type TsigAlgorithm = 'hmac-sha256' | 'hmac-sha512';

/** What the signature of an answer says. */
export type TsigVerdict =
  | { readonly kind: 'good'; readonly message: WireMessage }
  /** It knows no key of this name and algorithm. */
  | { readonly kind: 'unknown-key' }
  /** Its secret is another one. */
  | { readonly kind: 'wrong-secret' }
  /** Our clocks are further apart than allowed; null = it did not say what time it has. */
  | { readonly kind: 'wrong-time'; readonly serverSeconds: number | null }
  /** The answer bears no signature; the server may answer so when it refuses. */
  | { readonly kind: 'unsigned'; readonly message: WireMessage }
  /** Nothing that this server can have meant for us. */
  | { readonly kind: 'forged' };

/** Clocks may be so far apart (RFC 8945 §10). */
const fudgeSeconds = 300;

/** Error codes in a signature (RFC 8945 §3). */
const tsigError = { badSignature: 16, badKey: 17, badTime: 18 } as const;

/** The message with its signature (RFC 8945 §5.1), and the MAC that the answer's signature will cover. */
export function signMessage(message: WireMessage, key: TsigKey, nowSeconds: number): { bytes: Buffer; mac: Buffer } {
  const times = timesOf(nowSeconds, fudgeSeconds);
  const mac = macOf(key, [encodeMessage(message), ...variables(key, times, Buffer.alloc(4))]);
  const data = Buffer.concat([
    encodeName(key.algorithm),
    times,
    uint16(mac.length),
    mac,
    uint16(message.id),
    Buffer.alloc(4),
  ]);
  const signature = { name: key.name, type: recordType.tsig, class: recordClass.any, ttlSeconds: 0, data };
  return { bytes: encodeMessage({ ...message, additionals: [...message.additionals, signature] }), mac };
}

/** Reads an answer to a signed message (RFC 8945 §5.3). Never throws; null for what is no DNS message. */
export function readSigned(
  bytes: Buffer,
  key: TsigKey,
  about: { readonly requestMac: Buffer; readonly nowSeconds: number },
): TsigVerdict | null {
  const decoded = decodeMessage(bytes);
  if (decoded === null) return null;
  const { message, lastRecordAt } = decoded;
  const last = message.additionals.at(-1);
  if (last?.type !== recordType.tsig) return { kind: 'unsigned', message };
  const fields = readFields(last.data);
  if (fields === null) return { kind: 'forged' };
  // Before the signature: a server that does not know the key, or another secret, cannot sign (RFC 8945 §5.3.2).
  if (fields.error === tsigError.badKey) return { kind: 'unknown-key' };
  if (fields.error === tsigError.badSignature) return { kind: 'wrong-secret' };
  if (last.name !== key.name.toLowerCase() || fields.algorithm !== key.algorithm) return { kind: 'forged' };
  const mac = macOf(key, [
    uint16(about.requestMac.length),
    about.requestMac,
    withoutLastRecord(bytes, lastRecordAt, fields.originalId),
    ...variables(key, fields.times, fields.rest),
  ]);
  if (mac.length !== fields.mac.length || !timingSafeEqual(mac, fields.mac)) return { kind: 'forged' };
  if (fields.error === tsigError.badTime) {
    const serverSeconds = fields.other.length === 6 ? fields.other.readUIntBE(0, 6) : null;
    return { kind: 'wrong-time', serverSeconds };
  }
  if (Math.abs(fields.signedSeconds - about.nowSeconds) > fields.fudge)
    return { kind: 'wrong-time', serverSeconds: fields.signedSeconds };
  return { kind: 'good', message: { ...message, additionals: message.additionals.slice(0, -1) } };
}

interface TsigFields {
  readonly algorithm: string;
  /** Time and fudge, as they stand there. */
  readonly times: Buffer;
  readonly signedSeconds: number;
  readonly fudge: number;
  readonly mac: Buffer;
  readonly originalId: number;
  /** From the error on, as it stands there. */
  readonly rest: Buffer;
  readonly error: number;
  readonly other: Buffer;
}

/** RFC 8945 §4.2. */
function readFields(data: Buffer): TsigFields | null {
  const name = decodeName(data, 0);
  if (name === null || name.next + 10 > data.length) return null;
  const times = data.subarray(name.next, name.next + 8);
  const macAt = name.next + 10;
  const macEnd = macAt + data.readUInt16BE(name.next + 8);
  if (macEnd + 6 > data.length) return null;
  const rest = data.subarray(macEnd + 2);
  if (rest.length !== 4 + rest.readUInt16BE(2)) return null;
  return {
    algorithm: name.name,
    times,
    signedSeconds: times.readUIntBE(0, 6),
    fudge: times.readUInt16BE(6),
    mac: data.subarray(macAt, macEnd),
    originalId: data.readUInt16BE(macEnd),
    rest,
    error: rest.readUInt16BE(0),
    other: rest.subarray(4),
  };
}

/** What a signature covers besides the message (RFC 8945 §4.3.3). */
function variables(key: TsigKey, times: Buffer, rest: Buffer): readonly Buffer[] {
  return [encodeName(key.name), uint16(recordClass.any), Buffer.alloc(4), encodeName(key.algorithm), times, rest];
}

function macOf(key: TsigKey, parts: readonly Buffer[]): Buffer {
  const hmac = createHmac(key.algorithm === 'hmac-sha256' ? 'sha256' : 'sha512', key.secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** The bytes as they were before they were signed. */
function withoutLastRecord(bytes: Buffer, lastRecordAt: number, originalId: number): Buffer {
  const bare = Buffer.from(bytes.subarray(0, lastRecordAt));
  bare.writeUInt16BE(originalId, 0);
  bare.writeUInt16BE(bare.readUInt16BE(10) - 1, 10);
  return bare;
}

function timesOf(seconds: number, fudge: number): Buffer {
  const times = Buffer.alloc(8);
  times.writeUIntBE(seconds, 0, 6);
  times.writeUInt16BE(fudge, 6);
  return times;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
