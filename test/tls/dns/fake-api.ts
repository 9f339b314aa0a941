import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** One request as it came. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed; undefined without a body. */
  readonly body: unknown;
}

export interface FakeApi {
  readonly url: string;
  readonly requests: readonly ApiRequest[];
}

/** A JSON API on loopback that answers as the test says, until it ends. Without an answer it is silent. */
export async function fakeApi(
  t: TestContext,
  answer: (request: ApiRequest, response: ServerResponse) => unknown,
): Promise<FakeApi> {
  const requests: ApiRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { method = '', url: target = '', headers } = incoming;
    const request = { method, target, headers, body: text === '' ? undefined : JSON.parse(text) };
    requests.push(request);
    const json = answer(request, response);
    if (json !== undefined && !response.writableEnded) response.end(JSON.stringify(json));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
