import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import type { Clock } from '../../base/clock.ts';

/** Where a name server listens. */
export interface NameServer {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/** For one answer; a name server that is well needs milliseconds. */
const answerMsMax = 5_000;
/** Datagrams get lost: it is sent once more after each of these. */
const resendAfterMs: readonly number[] = [1_000, 2_000];

interface Surroundings {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Sends a message and returns the answer to it, unread but for its id. Over TCP, which fits every answer and cannot be spoofed
 * from afar (RFC 7766); over UDP where TCP does not get through. The message may arrive more than once.
 *
 * @throws Error that says why neither brought an answer; the signal's reason when that aborts.
 */
export async function exchangeMessage(request: Buffer, server: NameServer, about: Surroundings): Promise<Buffer> {
  const { address, family } = await lookup(server.host);
  about.signal.throwIfAborted();
  try {
    return await overTcp(request, { host: address, port: server.port }, about);
  } catch (tcp) {
    about.signal.throwIfAborted();
    try {
      return await overUdp(request, { host: address, port: server.port }, { ...about, family });
    } catch (udp) {
      about.signal.throwIfAborted();
      throw new Error(`over TCP: ${(tcp as Error).message}; over UDP: ${(udp as Error).message}`, { cause: udp });
    }
  }
}

function overTcp(request: Buffer, server: NameServer, about: Surroundings): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const socket = connect(server.port, server.host);
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    // Bounded: a length is 16 bits, and nothing is read beyond it.
    received = Buffer.concat([received, chunk]);
    if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
    const answer = received.subarray(2, 2 + received.readUInt16BE(0));
    if (answers(answer, request)) resolve(answer);
    else reject(new Error('the answer is none to our question'));
    socket.destroy();
  });
  socket.on('error', reject).on('end', () => reject(new Error('the connection was closed without an answer')));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(request.length);
  socket.write(Buffer.concat([length, request]));
  return bounded(promise, { ...about, reject, release: () => socket.destroy() });
}

function overUdp(request: Buffer, server: NameServer, about: Surroundings & { family: number }): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const socket = createSocket(about.family === 6 ? 'udp6' : 'udp4');
  socket.on('error', reject).on('message', (answer) => {
    // Others may send to this port too; what is no answer to us is nobody's.
    if (answers(answer, request)) resolve(answer);
  });
  // Connected, so that only this server is heard, and its absence too.
  const send = () => socket.send(request, (error) => error && reject(error));
  socket.connect(server.port, server.host, send);
  const timers = resendAfterMs.map((ms) => about.clock.setTimeout(send, ms));
  const release = () => {
    for (const timer of timers) timer.cancel();
    socket.close();
  };
  return bounded(promise, { ...about, reject, release });
}

/** Ends the wait in time, or with the signal, and lets go of what was opened for it. */
async function bounded(
  answer: Promise<Buffer>,
  about: Surroundings & { reject: (error: unknown) => void; release: () => void },
): Promise<Buffer> {
  const { clock, signal, reject } = about;
  const abort = () => reject(signal.reason);
  const timer = clock.setTimeout(() => reject(new Error(`no answer within ${answerMsMax / 1_000} s`)), answerMsMax);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await answer;
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', abort);
    about.release();
  }
}

function answers(answer: Buffer, request: Buffer): boolean {
  return (
    answer.length >= 12 && answer.readUInt16BE(0) === request.readUInt16BE(0) && ((answer[2] as number) & 0x80) !== 0
  );
}
