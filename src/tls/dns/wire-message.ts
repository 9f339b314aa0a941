import { decodeName, encodeName } from './wire-name.ts';

/** A DNS message (RFC 1035 §4.1). In an UPDATE the sections are called zone, prerequisites, updates (RFC 2136 §2). */
export interface WireMessage {
  readonly id: number;
  readonly isAnswer: boolean;
  readonly opcode: number;
  /** It did not fit into a datagram. */
  readonly truncated: boolean;
  readonly rcode: number;
  readonly questions: readonly WireQuestion[];
  readonly answers: readonly WireRecord[];
  readonly authorities: readonly WireRecord[];
  readonly additionals: readonly WireRecord[];
}

export interface WireQuestion {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export interface WireRecord extends WireQuestion {
  readonly ttlSeconds: number;
  /** Names in it may be compressed, and then mean nothing outside of their message. */
  readonly data: Buffer;
}

export interface DecodedMessage {
  readonly message: WireMessage;
  /** Where the last record begins; a signature is always the last one (RFC 8945 §5.1). The end where there is no record. */
  readonly lastRecordAt: number;
}

/** What we speak of it. */
export const opcode = { query: 0, update: 5 } as const;
export const recordType = { soa: 6, txt: 16, tsig: 250 } as const;
export const recordClass = { in: 1, none: 254, any: 255 } as const;

const headBytes = 12;

/** @throws RangeError where a name or a number does not fit. */
export function encodeMessage(message: WireMessage): Buffer {
  const sections = [message.answers, message.authorities, message.additionals];
  const head = Buffer.alloc(headBytes);
  head.writeUInt16BE(message.id, 0);
  const flags = (message.isAnswer ? 0x8000 : 0) | (message.opcode << 11) | (message.truncated ? 0x0200 : 0);
  head.writeUInt16BE(flags | message.rcode, 2);
  for (const [index, items] of [message.questions, ...sections].entries())
    head.writeUInt16BE(items.length, 4 + 2 * index);
  return Buffer.concat([head, ...message.questions.map(encodeQuestion), ...sections.flat().map(encodeRecord)]);
}

function encodeQuestion(question: WireQuestion): Buffer {
  const numbers = Buffer.alloc(4);
  numbers.writeUInt16BE(question.type, 0);
  numbers.writeUInt16BE(question.class, 2);
  return Buffer.concat([encodeName(question.name), numbers]);
}

function encodeRecord(record: WireRecord): Buffer {
  const numbers = Buffer.alloc(6);
  numbers.writeUInt32BE(record.ttlSeconds, 0);
  numbers.writeUInt16BE(record.data.length, 4);
  return Buffer.concat([encodeQuestion(record), numbers, record.data]);
}

/** Never throws: null for what is no whole message. */
export function decodeMessage(bytes: Buffer): DecodedMessage | null {
  if (bytes.length < headBytes) return null;
  const flags = bytes.readUInt16BE(2);
  const counts = [4, 6, 8, 10].map((offset) => bytes.readUInt16BE(offset));
  let at = headBytes;
  const questions: WireQuestion[] = [];
  for (let left = counts[0] ?? 0; left > 0; left -= 1) {
    const read = decodeQuestion(bytes, at);
    if (read === null) return null;
    questions.push(read.question);
    at = read.next;
  }
  let lastRecordAt = at;
  const sections: WireRecord[][] = [];
  for (const count of counts.slice(1)) {
    const records: WireRecord[] = [];
    for (let left = count; left > 0; left -= 1) {
      const read = decodeRecord(bytes, at);
      if (read === null) return null;
      records.push(read.record);
      lastRecordAt = at;
      at = read.next;
    }
    sections.push(records);
  }
  if (at !== bytes.length) return null;
  const [answers = [], authorities = [], additionals = []] = sections;
  const message = {
    id: bytes.readUInt16BE(0),
    isAnswer: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 0x0f,
    truncated: (flags & 0x0200) !== 0,
    rcode: flags & 0x0f,
    questions,
    answers,
    authorities,
    additionals,
  };
  return { message, lastRecordAt };
}

function decodeQuestion(bytes: Buffer, offset: number): { question: WireQuestion; next: number } | null {
  const read = decodeName(bytes, offset);
  if (read === null || read.next + 4 > bytes.length) return null;
  const question = {
    name: read.name,
    type: bytes.readUInt16BE(read.next),
    class: bytes.readUInt16BE(read.next + 2),
  };
  return { question, next: read.next + 4 };
}

function decodeRecord(bytes: Buffer, offset: number): { record: WireRecord; next: number } | null {
  const read = decodeQuestion(bytes, offset);
  if (read === null || read.next + 6 > bytes.length) return null;
  const dataAt = read.next + 6;
  const next = dataAt + bytes.readUInt16BE(read.next + 4);
  if (next > bytes.length) return null;
  const record = {
    ...read.question,
    ttlSeconds: bytes.readUInt32BE(read.next),
    data: Buffer.from(bytes.subarray(dataAt, next)),
  };
  return { record, next };
}
