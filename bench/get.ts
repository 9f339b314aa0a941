import { type Agent, request } from 'node:http';
import { request as secureRequest } from 'node:https';

export interface GetAnswer {
  readonly status: number;
  readonly body: string;
}

export interface GetOptions {
  readonly port: number;
  readonly address?: string;
  readonly host?: string;
  readonly path?: string;
  /** Over TLS, whatever the certificate. */
  readonly secure?: boolean;
  /** A kept connection; without one each request opens its own. */
  readonly agent?: Agent;
  readonly timeoutMs?: number;
}

/** One GET, on a fresh connection unless an agent keeps them. Throws when no whole answer comes. */
export function get(options: GetOptions): Promise<GetAnswer> {
  const { port, address = '127.0.0.1', host = 'bench.test', path = '/', agent, timeoutMs = 5_000 } = options;
  const { promise, resolve, reject } = Promise.withResolvers<GetAnswer>();
  const plan = {
    host: address,
    port,
    path,
    agent: agent ?? false,
    setHost: false,
    headers: { Host: host },
    timeout: timeoutMs,
  };
  const tls = options.secure ? { servername: host, rejectUnauthorized: false } : {};
  const asked = (options.secure ? secureRequest : request)({ ...plan, ...tls }, (response) => {
    let body = '';
    response.setEncoding('latin1').on('data', (text: string) => {
      body += text;
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    response.on('error', reject);
  });
  asked.on('timeout', () => asked.destroy(new Error(`no answer within ${timeoutMs} ms`))).on('error', reject);
  asked.end();
  return promise;
}
