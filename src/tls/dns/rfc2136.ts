import type { Clock } from '../../base/clock.ts';
import { dnsFailure } from './dns-failure.ts';
import { readSigned, signMessage, type TsigKey } from './tsig.ts';
import type { TxtProvider } from './txt-provider.ts';
import { type UpdateFailure, updateFailureText } from './update-failure.ts';
import { exchangeMessage, type NameServer } from './wire-exchange.ts';
import { opcode, recordClass, recordType, type WireMessage, type WireRecord } from './wire-message.ts';

export interface Rfc2136Options {
  readonly server: NameServer;
  readonly key: TsigKey;
  readonly clock: Clock;
  /** As Math.random: message ids. Forging is the signature's business. */
  readonly random: () => number;
}

/** Short: a value lives for minutes. */
const ttlSeconds = 60;

/** Taking a record away is nobody's to abort; the exchange is bounded in itself. */
const never = new AbortController().signal;

/** Sets records by dynamic update (RFC 2136), signed (RFC 8945), at the name server itself. */
export function rfc2136(options: Rfc2136Options): TxtProvider {
  const update = async (zone: string, record: WireRecord, signal: AbortSignal) => {
    const wanted = { opcode: opcode.update, questions: [zoneOf(zone)], authorities: [record] };
    await ask(wanted, { ...options, owner: record.name, zone, signal });
  };
  return {
    valuesMax: 1_000,
    async present({ owner }, value, signal) {
      const zone = await findZone(owner, { ...options, signal });
      const record = { name: owner, type: recordType.txt, data: txtData(value) };
      await update(zone, { ...record, class: recordClass.in, ttlSeconds }, signal);
      // This value alone, not the others of the name (RFC 2136 §2.5.4).
      return () => update(zone, { ...record, class: recordClass.none, ttlSeconds: 0 }, never);
    },
  };
}

type Asking = Rfc2136Options & { readonly owner: string; readonly zone: string | null; readonly signal: AbortSignal };

/** Whether the owner exists or not, the SOA that comes with the answer is the one of its zone (RFC 2308 §2). */
async function findZone(owner: string, about: Rfc2136Options & { signal: AbortSignal }): Promise<string> {
  const question = { name: owner, type: recordType.soa, class: recordClass.in };
  const asking = { ...about, owner, zone: null };
  const { answers, authorities } = await ask({ opcode: opcode.query, questions: [question], authorities: [] }, asking);
  const soa = [...answers, ...authorities].find(({ type }) => type === recordType.soa);
  if (soa === undefined || !`.${owner}`.endsWith(`.${soa.name}`)) throw failed({ kind: 'no-zone' }, asking);
  return soa.name;
}

type Wanted = Pick<WireMessage, 'opcode' | 'questions' | 'authorities'>;

/** @returns an answer that is signed, in time and says that all went well (or that there is no such name, to a question). */
async function ask(wanted: Wanted, about: Asking): Promise<WireMessage> {
  const { key, clock } = about;
  const id = Math.floor(about.random() * 0x1_0000);
  const empty = { isAnswer: false, truncated: false, rcode: 0, answers: [], additionals: [] };
  const request = signMessage({ id, ...empty, ...wanted }, key, seconds(clock));
  let bytes: Buffer;
  try {
    bytes = await exchangeMessage(request.bytes, about.server, about);
  } catch (cause) {
    about.signal.throwIfAborted();
    throw failed({ kind: 'no-answer', why: (cause as Error).message }, about, cause);
  }
  const nowSeconds = seconds(clock);
  const verdict = readSigned(bytes, key, { requestMac: request.mac, nowSeconds });
  if (verdict === null) throw failed({ kind: 'garbled' }, about);
  if (verdict.kind === 'wrong-time') throw failed({ ...verdict, nowSeconds }, about);
  if (verdict.kind !== 'good' && verdict.kind !== 'unsigned') throw failed(verdict, about);
  const { message } = verdict;
  const isWell = message.rcode === 0 || (wanted.opcode === opcode.query && message.rcode === nameError);
  if (!isWell) throw failed({ kind: 'refused', rcode: message.rcode }, about);
  // A refusal may come without a signature; anything else could be from anybody.
  if (verdict.kind === 'unsigned') throw failed({ kind: 'forged' }, about);
  return message;
}

/** NXDOMAIN (RFC 1035 §4.1.1). */
const nameError = 3;

function failed(failure: UpdateFailure, { server, key, owner, zone }: Asking, cause?: unknown): Error {
  return dnsFailure(updateFailureText(failure, { server, keyName: key.name, owner, zone }), { cause });
}

function zoneOf(name: string): WireMessage['questions'][number] {
  return { name, type: recordType.soa, class: recordClass.in };
}

/** Strings of at most 255 bytes, each after its length (RFC 1035 §3.3.14). */
function txtData(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  const parts: Buffer[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += 255) {
    const part = bytes.subarray(at, at + 255);
    parts.push(Buffer.of(part.length), part);
  }
  return Buffer.concat(parts);
}

function seconds(clock: Clock): number {
  return Math.floor(clock.now() / 1_000);
}
