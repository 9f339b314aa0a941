import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';

/** Handshakes under way at once. */
const parallel = 8;
const timeoutMs = 10_000;

/**
 * Has a port show the certificate of each host once. Throws where another one is shown.
 *
 * @param withinMs how long the first failing host is asked again, for a proxy that is only starting
 */
export async function showCertificates(
  port: number,
  hosts: readonly string[],
  { withinMs, signal }: { withinMs: number; signal: AbortSignal },
): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  const left = [...hosts];
  const work = async (): Promise<void> => {
    for (let host = left.shift(); host !== undefined; host = left.shift()) await shownInTime(host);
  };
  const shownInTime = async (host: string): Promise<void> => {
    for (;;) {
      signal.throwIfAborted();
      const shown = await commonNameShown(port, host).catch(String);
      if (shown === host) return;
      if (performance.now() > deadlineMs) throw new Error(`${host} was not shown its certificate but ${shown}`);
      await sleep(50);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
}

function commonNameShown(port: number, host: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: '127.0.0.1', port, servername: host, rejectUnauthorized: false });
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no handshake within ${timeoutMs} ms`)));
  socket.on('secureConnect', () => {
    resolve(String(socket.getPeerCertificate().subject.CN));
    socket.end();
  });
  socket.on('error', reject).on('close', () => reject(new Error('closed without a handshake')));
  // Read to the end, for a socket whose bytes nobody takes never closes.
  socket.resume();
  return promise;
}
