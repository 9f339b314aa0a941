import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Frame, FrameError, FrameReader, opcodes, writeFrame } from './websocket-frames.ts';

const messageBytesMax = 16 * 1024 ** 2;
/** What a peer that has agreed to close may take to do it. */
const closeMs = 1_000;

/** All WebSockets of the echo backend: whatever message comes goes back. */
export class WebSocketEchoes {
  readonly #open = new Set<WebSocketEcho>();

  /** Takes over the socket of an Upgrade. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const key = request.headers['sec-websocket-key'];
    const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket';
    if (!isWebSocket || key === undefined || request.headers['sec-websocket-version'] !== '13') {
      const status = isWebSocket ? '426 Upgrade Required\r\nSec-WebSocket-Version: 13' : '400 Bad Request';
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const [protocol] = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const lines = [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${acceptKey(key)}`,
      ...(protocol ? [`Sec-WebSocket-Protocol: ${protocol}`] : []),
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    const echo = new WebSocketEcho(socket, () => this.#open.delete(echo));
    this.#open.add(echo);
    echo.receive(head);
  }

  /** Tells all peers that the server goes away. */
  close(): void {
    for (const echo of this.#open) echo.close(1001);
  }
}

/** RFC 6455 §4.2.2. */
function acceptKey(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

class WebSocketEcho {
  readonly #socket: Duplex;
  readonly #reader = new FrameReader(messageBytesMax);
  /** The message that is under way in fragments. */
  #fragments: Buffer[] = [];
  #fragmentBytes = 0;
  #fragmentOpcode = 0;
  #closing = false;

  constructor(socket: Duplex, onClose: () => void) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('end', () => socket.end());
    socket.on('close', onClose);
  }

  receive(chunk: Buffer): void {
    if (this.#closing && this.#socket.writableEnded) return;
    try {
      for (const frame of this.#reader.read(chunk)) this.#take(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.close(error.code);
    }
  }

  close(code: number): void {
    if (this.#closing) return;
    this.#closing = true;
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.#socket.write(writeFrame(opcodes.close, payload));
    // The peer answers with its own close frame; one that does not is not waited for long.
    setTimeout(() => this.#socket.destroy(), closeMs).unref();
  }

  #take({ fin, opcode, payload }: Frame): void {
    if (opcode === opcodes.close) return this.#answerClose(payload);
    if (this.#closing) return;
    if (opcode === opcodes.ping) return this.#send(opcodes.pong, payload);
    if (opcode === opcodes.pong) return;
    const continues = opcode === opcodes.continuation;
    const isData = continues || opcode === opcodes.text || opcode === opcodes.binary;
    if (!isData || continues !== this.#fragmentOpcode > 0) throw new FrameError(1002, 'this frame is out of place');
    if (!continues) this.#fragmentOpcode = opcode;
    this.#fragments.push(payload);
    this.#fragmentBytes += payload.length;
    if (this.#fragmentBytes > messageBytesMax || this.#fragments.length > 100_000)
      throw new FrameError(1009, 'the message is too large');
    if (fin) this.#echo();
  }

  #echo(): void {
    const message = this.#fragments.length === 1 ? (this.#fragments[0] as Buffer) : Buffer.concat(this.#fragments);
    const opcode = this.#fragmentOpcode;
    this.#fragments = [];
    this.#fragmentBytes = 0;
    this.#fragmentOpcode = 0;
    // 1007: text that is no UTF-8 (RFC 6455 §8.1).
    if (opcode === opcodes.text && !isUtf8(message)) this.close(1007);
    else this.#send(opcode, message);
  }

  /** A peer that does not read is not listened to until it does: nothing piles up. */
  #send(opcode: number, payload: Buffer): void {
    if (this.#socket.write(writeFrame(opcode, payload)) || this.#socket.isPaused()) return;
    this.#socket.pause();
    this.#socket.once('drain', () => this.#socket.resume());
  }

  #answerClose(payload: Buffer): void {
    if (!this.#closing) {
      this.#closing = true;
      // Its code goes back; one that may not be sent is answered as a mistake (§7.4).
      const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1000;
      const allowed =
        (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code < 5000);
      const answer = Buffer.alloc(2);
      answer.writeUInt16BE(allowed && payload.length !== 1 ? code : 1002);
      this.#socket.write(writeFrame(opcodes.close, answer));
    }
    this.#socket.end();
  }
}
