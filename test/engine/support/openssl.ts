import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** Everything that `openssl s_client` says of a connection to this port. It sends `input` and stays until the server closes. */
export async function sClient(port: number, args: readonly string[], input = ''): Promise<string> {
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-ign_eof', ...args], {
    timeout: 20_000,
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return `${out}${err}`;
}

/** Asks for `/` of a.test, and for no more. */
export const lastRequest = 'GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n';
