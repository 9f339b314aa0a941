import { request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly tookMs: number;
}

export interface Question {
  readonly port: number;
  readonly path: string;
  /** The Host header, with or without port. Names below `localhost` need no resolver this way. */
  readonly host?: string;
  readonly accept?: string;
}

/** Bytes of a body that are read at most; the demo's services answer with far less. */
const bodyBytesMax = 1024 * 1024;

/** One GET over loopback on a connection of its own. Fails after 15 s: the proxy holds a request for 10 s by default before it gives up. */
export function ask({ port, path, host = `127.0.0.1:${port}`, accept = '*/*' }: Question): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const startMs = performance.now();
  const headers = { host, accept, 'user-agent': 'fairlead-demo' };
  const asked = request(
    { host: '127.0.0.1', port, path, headers, agent: false, signal: AbortSignal.timeout(15_000) },
    (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
        if (body.length > bodyBytesMax)
          response.destroy(new Error(`more than ${bodyBytesMax} bytes from http://${host}${path}`));
      });
      response.on('error', reject).on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body,
          tookMs: performance.now() - startMs,
        });
      });
    },
  );
  asked.on('error', reject).end();
  return promise;
}
