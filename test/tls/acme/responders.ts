import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import type { TestContext } from 'node:test';
import { createSecureContext, createServer as createTlsServer } from 'node:tls';
import type { ChallengeAnswer, ChallengeBoard, DnsRecords } from '../../../src/tls/acme/challenge.ts';
import type { Pebble } from '../../support/pebble.ts';

/** A board that keeps what is shown, for a server that answers by it. */
class Answers implements ChallengeBoard {
  /** As many as were ever shown. */
  shows = 0;
  /** Times that an issuer got one of them. */
  answered = 0;
  port = 0;
  protected readonly shown = new Set<ChallengeAnswer>();

  async show(answer: ChallengeAnswer): Promise<{ remove(): void }> {
    this.shows += 1;
    this.shown.add(answer);
    return { remove: () => void this.shown.delete(answer) };
  }

  protected async listen(t: TestContext, server: Server): Promise<void> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    this.port = (server.address() as AddressInfo).port;
  }
}

/** Answers http-01 on a port of its own. */
export class HttpResponder extends Answers {
  static async start(t: TestContext): Promise<HttpResponder> {
    const responder = new HttpResponder();
    const server = createHttpServer((request, response) => {
      const host = request.headers.host?.split(':')[0];
      for (const answer of responder.shown) {
        if (answer.kind !== 'http' || answer.name !== host) continue;
        if (request.url !== `/.well-known/acme-challenge/${answer.token}`) continue;
        responder.answered += 1;
        response.end(answer.keyAuthorization);
        return;
      }
      response.writeHead(404).end();
    });
    server.keepAliveTimeout = 1;
    await responder.listen(t, server);
    return responder;
  }
}

/** Answers tls-alpn-01 on a port of its own. */
export class AlpnResponder extends Answers {
  static async start(t: TestContext): Promise<AlpnResponder> {
    const responder = new AlpnResponder();
    const server = createTlsServer({
      ALPNProtocols: ['acme-tls/1'],
      SNICallback(name, done) {
        for (const answer of responder.shown) {
          if (answer.kind !== 'alpn' || answer.name !== name) continue;
          responder.answered += 1;
          done(null, createSecureContext({ cert: answer.chainPem, key: answer.keyPem }));
          return;
        }
        done(new Error(`nothing is shown for ${name}`));
      },
    });
    // The issuer hangs up once it has seen the certificate.
    server.on('secureConnection', (socket) => socket.on('error', () => {}).destroy());
    await responder.listen(t, server);
    return responder;
  }
}

/** TXT records of pebble's own DNS server, which takes away all values of a name or none: the last one to go takes them. */
export class ChallengeRecords implements DnsRecords {
  readonly #pebble: Pebble;
  readonly #counts = new Map<string, number>();

  constructor(pebble: Pebble) {
    this.#pebble = pebble;
  }

  /** How many are set. */
  get records(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  async add(name: string, value: string): Promise<{ remove(): Promise<void> }> {
    const host = `_acme-challenge.${name}`;
    this.#counts.set(host, (this.#counts.get(host) ?? 0) + 1);
    await this.#pebble.dns?.addTxt(host, value);
    return {
      remove: async () => {
        const left = (this.#counts.get(host) ?? 0) - 1;
        this.#counts.set(host, left);
        if (left === 0) await this.#pebble.dns?.clearTxt(host);
      },
    };
  }
}
