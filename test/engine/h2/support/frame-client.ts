import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A frame of HTTP/2 (RFC 9113 §4.1). */
export interface Frame {
  readonly type: FrameType | 'unknown';
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

const frameTypes = [
  'DATA',
  'HEADERS',
  'PRIORITY',
  'RST_STREAM',
  'SETTINGS',
  'PUSH_PROMISE',
  'PING',
  'GOAWAY',
  'WINDOW_UPDATE',
  'CONTINUATION',
] as const;
export type FrameType = (typeof frameTypes)[number];

export const endStream = 0x1;
export const endHeaders = 0x4;

/** How long a test waits for a frame before it says what came instead. */
const patienceMs = 5_000;
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

export type Pairs = readonly (readonly [string, string])[];

/** The head of a GET. */
export const getHead: Pairs = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':authority', 'a.test'],
  [':path', '/'],
];

export function frame(type: FrameType, flags: number, stream: number, payload: Uint8Array | string = ''): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = frameTypes.indexOf(type);
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

/** A header block of literals that touch no table (RFC 7541 §6.2.2), whatever they hold. */
export function block(pairs: Pairs): Buffer {
  return Buffer.concat(pairs.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]));
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

export function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A client that says and sees frames: for what no library would send. */
export class FrameClient {
  readonly socket: Socket;
  readonly frames: Frame[] = [];
  readonly closed: Promise<'ended' | 'reset'>;
  #bytes = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | null = null;

  private constructor(socket: Socket) {
    this.socket = socket;
    let how: 'ended' | 'reset' = 'ended';
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => {
      how = 'reset';
    });
    socket.on('end', () => this.#end());
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#end();
        resolve(how);
      });
    });
  }

  static async connect(t: TestContext, port: number): Promise<FrameClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    return new FrameClient(socket);
  }

  /** Preface and SETTINGS, then whatever. */
  begin(settings: Readonly<Record<number, number>> = {}): void {
    const payload = Buffer.concat(
      Object.entries(settings).map(([id, value]) => Buffer.concat([Buffer.from([0, Number(id)]), number32(value)])),
    );
    this.socket.write(Buffer.concat([Buffer.from(preface), frame('SETTINGS', 0, 0, payload)]));
  }

  send(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** A whole request without a body, or its head. */
  ask(stream: number, pairs: Pairs = getHead, flags = endStream): void {
    this.send(frame('HEADERS', endHeaders | flags, stream, block(pairs)));
  }

  /** Waits for a frame. */
  async until(type: FrameType, stream = 0): Promise<Frame> {
    const find = () => this.frames.find((one) => one.type === type && one.stream === stream);
    await this.#wait(() => find() !== undefined, `${type} on stream ${stream}`);
    return find() as Frame;
  }

  /** What was sent on a stream, by type. */
  on(stream: number): string[] {
    return this.frames.filter((one) => one.stream === stream).map(({ type }) => type);
  }

  /** Waits for the end of the connection and returns the code of the last GOAWAY, null where there was none. */
  async goneWith(): Promise<number | null> {
    await this.#wait(() => this.#ended, 'the end');
    return this.frames.findLast(({ type }) => type === 'GOAWAY')?.payload.readUInt32BE(4) ?? null;
  }

  async resetWith(stream: number): Promise<number> {
    return (await this.until('RST_STREAM', stream)).payload.readUInt32BE(0);
  }

  #read(chunk: Buffer): void {
    let bytes = Buffer.concat([this.#bytes, chunk]);
    while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
      const end = 9 + bytes.readUIntBE(0, 3);
      this.frames.push({
        type: frameTypes[bytes[3] as number] ?? 'unknown',
        flags: bytes[4] as number,
        stream: bytes.readUInt32BE(5),
        payload: bytes.subarray(9, end),
      });
      bytes = bytes.subarray(end);
    }
    this.#bytes = bytes;
    this.#wake?.();
  }

  #end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async #wait(isThere: () => boolean, what: string): Promise<void> {
    const signal = AbortSignal.timeout(patienceMs);
    while (!isThere()) {
      if (this.#ended || signal.aborted) {
        const got = this.frames.map(({ type, stream }) => `${type}/${stream}`).slice(-20);
        throw new Error(
          `waited for ${what}, but ${this.#ended ? 'the connection ended' : 'nothing came'} after ${got}`,
        );
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}
