import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { TestAuthority } from '../../support/test-authority.ts';
import { type Behaviour, errorPrefix, misbehave } from './behaviour.ts';
import { FakeIssuer, type FakeSettings, type Reply } from './fake-issuer.ts';
import { isSignedBy, readJws } from './jws.ts';
import { Refusal } from './refusal.ts';

export type Endpoint =
  | 'directory'
  | 'nonce'
  | 'new-account'
  | 'account'
  | 'new-order'
  | 'order'
  | 'authorization'
  | 'challenge'
  | 'finalize'
  | 'certificate'
  | 'renewal-info';

/** Endpoints that are asked without a signature. */
const unsigned: readonly string[] = ['directory', 'nonce', 'renewal-info'];

/** An ACME server in a test's hands: it checks nonces and signatures, counts, and misbehaves where it is told to. */
export class FakeAcme {
  readonly issuer: FakeIssuer;
  /** Requests by endpoint. */
  readonly counts = new Map<Endpoint, number>();
  /** Says no to a nonce that is good. */
  refusesNonce: () => boolean = () => false;
  /** PEM of the authority under which it issues, and by which it is served where it is `secure`. */
  readonly caPem: string;
  readonly #server: Server;
  readonly #nonces = new Set<string>();
  readonly #behaviours = new Map<Endpoint, Behaviour[]>();
  readonly #watchers: { endpoint: Endpoint; count: number; resolve: () => void }[] = [];

  /** @param secure over HTTPS, as the settings of the proxy want it of a directory. */
  static async start(t: TestContext, settings: FakeSettings = {}, { secure = false } = {}): Promise<FakeAcme> {
    const dir = mkdtempSync(join(tmpdir(), 'fl-acme-'));
    const authority = await TestAuthority.create(dir);
    const leaf = secure ? await authority.issue(['127.0.0.1']) : null;
    const server = leaf === null ? createServer() : createSecureServer({ cert: leaf.certPem, key: leaf.keyPem });
    t.after(() => {
      server.close();
      server.closeAllConnections();
      rmSync(dir, { recursive: true, force: true });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FakeAcme(server, authority, settings);
  }

  private constructor(server: Server, authority: TestAuthority, settings: FakeSettings) {
    this.#server = server;
    this.caPem = authority.certPem;
    this.issuer = new FakeIssuer(this.#origin, authority, settings);
    server.on('request', (request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  }

  get directoryUrl(): string {
    return `${this.#origin}/directory`;
  }

  /** What an issuer of the settings says of it. */
  at(): { readonly directoryUrl: string } {
    return { directoryUrl: this.directoryUrl };
  }

  /** All requests so far. */
  get requests(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  count(endpoint: Endpoint): number {
    return this.counts.get(endpoint) ?? 0;
  }

  /** What the next requests to an endpoint get, one after the other; then it behaves again. */
  next(endpoint: Endpoint, ...behaviours: readonly Behaviour[]): void {
    this.#behaviours.set(endpoint, [...(this.#behaviours.get(endpoint) ?? []), ...behaviours]);
  }

  /** What every request to an endpoint gets from now on. */
  always(endpoint: Endpoint, behaviour: Behaviour): void {
    this.#behaviours.set(
      endpoint,
      Array.from({ length: 10_000 }, () => behaviour),
    );
  }

  /** Endpoints behave again. */
  mend(): void {
    this.#behaviours.clear();
  }

  /** Resolves once so many requests have come to an endpoint, and what they asked for is done. */
  asked(endpoint: Endpoint, count = 1): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#watchers.push({ endpoint, count, resolve });
    this.#tellWatchers();
    return promise;
  }

  get #origin(): string {
    const scheme = this.#server instanceof SecureServer ? 'https' : 'http';
    return `${scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, name = '', id = ''] = (request.url ?? '').split('/');
    const endpoint = name as Endpoint;
    const body = await bodyOf(request);
    const behaviour = this.#behaviours.get(endpoint)?.shift();
    const early = behaviour !== undefined && behaviour.kind !== 'change' && !('done' in behaviour && behaviour.done);
    if (early) misbehave(response, behaviour);
    else await this.#behave(response, { endpoint, id, body }, behaviour);
    this.counts.set(endpoint, this.count(endpoint) + 1);
    this.#tellWatchers();
  }

  async #behave(
    response: ServerResponse,
    { endpoint, id, body }: { endpoint: Endpoint; id: string; body: string },
    behaviour: Behaviour | undefined,
  ): Promise<void> {
    const nonce = crypto.randomUUID();
    this.#nonces.add(nonce);
    response.setHeader('replay-nonce', nonce);
    const reply = unsigned.includes(endpoint)
      ? this.issuer.tell(endpoint, id)
      : await this.#signed(endpoint, id, body).catch(asProblem);
    if (behaviour?.kind === 'hang') return;
    const json = behaviour?.kind === 'change' ? behaviour.change(reply.json as Record<string, unknown>) : reply.json;
    for (const [field, value] of Object.entries(reply.headers ?? {})) response.setHeader(field, value);
    if (reply.status >= 400) response.setHeader('content-type', 'application/problem+json');
    response.writeHead(reply.status).end(typeof json === 'string' ? json : JSON.stringify(json));
  }

  /** What RFC 8555 §6.2–6.5 wants of a request, before it is looked at. */
  async #signed(endpoint: Endpoint, id: string, body: string): Promise<Reply> {
    const jws = readJws(body);
    const { nonce, url, kid, jwk } = jws.header;
    if (nonce === undefined || !this.#nonces.delete(nonce) || this.refusesNonce()) {
      throw new Refusal(400, 'badNonce', 'that nonce is not good');
    }
    if (url !== `${this.#origin}/${endpoint}${id === '' ? '' : `/${id}`}`) {
      throw new Refusal(401, 'unauthorized', 'the signature is for another URL');
    }
    const account = kid === undefined ? null : this.issuer.account(kid);
    if (kid !== undefined && account === undefined) {
      throw new Refusal(400, 'accountDoesNotExist', `there is no account ${kid}`);
    }
    const key = account?.jwk ?? jwk;
    if (key === undefined || !isSignedBy(jws, key)) throw new Refusal(400, 'malformed', 'the signature is wrong');
    if ((endpoint === 'new-account') !== (jwk !== undefined)) throw new Refusal(400, 'malformed', 'kid or jwk?');
    return this.issuer.act(endpoint, id, { jwk: key, payload: jws.payload === '' ? null : JSON.parse(jws.payload) });
  }

  #tellWatchers(): void {
    for (const watcher of this.#watchers) if (this.count(watcher.endpoint) >= watcher.count) watcher.resolve();
  }
}

function asProblem(error: unknown): Reply {
  if (error instanceof Refusal) return error.reply;
  return { status: 500, json: { type: `${errorPrefix}serverInternal`, status: 500, detail: String(error) } };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}
