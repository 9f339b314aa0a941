import { connect } from 'node:http2';
import type { GetAnswer, GetOptions } from './get.ts';

/** One GET by HTTP/2 on a fresh TLS connection, whatever the certificate. Throws when no whole answer comes. */
export async function getOverHttp2(
  options: Pick<GetOptions, 'port' | 'host' | 'path' | 'timeoutMs'>,
): Promise<GetAnswer> {
  const { port, host = 'bench.test', path = '/', timeoutMs = 5_000 } = options;
  const session = connect(`https://127.0.0.1:${port}`, { servername: host, rejectUnauthorized: false });
  const { promise, resolve, reject } = Promise.withResolvers<GetAnswer>();
  session.on('error', reject);
  session.setTimeout(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms`)));
  const stream = session.request({ ':authority': host, ':path': path });
  let status = 0;
  let body = '';
  stream.on('response', (head) => {
    status = head[':status'] ?? 0;
  });
  stream.setEncoding('latin1').on('data', (text: string) => {
    body += text;
  });
  stream.on('end', () => resolve({ status, body })).on('error', reject);
  try {
    return await promise;
  } finally {
    session.destroy();
  }
}
