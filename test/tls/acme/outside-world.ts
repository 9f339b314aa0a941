import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { ChallengeAnswer, ChallengeBoard } from '../../../src/tls/acme/challenge.ts';
import type { Finding } from '../../../src/tls/acme/finding.ts';
import type { NameResolver } from '../../../src/tls/acme/name-addresses.ts';
import { type PreflightAbout, preflight } from '../../../src/tls/acme/preflight.ts';
import { networkProbe, type Probe } from '../../../src/tls/acme/probe.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** Our own answers, and how often they were taken back. */
export class Board implements ChallengeBoard {
  readonly shown = new Set<ChallengeAnswer>();
  removed = 0;

  async show(answer: ChallengeAnswer): Promise<{ remove(): void }> {
    this.shown.add(answer);
    return {
      remove: () => {
        this.shown.delete(answer);
        this.removed++;
      },
    };
  }

  /** A web server that answers what is shown, as a worker does. */
  readonly serve: RequestListener = (request, response) => {
    for (const answer of this.shown) {
      if (answer.kind !== 'http' || request.url !== `/.well-known/acme-challenge/${answer.token}`) continue;
      if (request.headers.host === answer.name) {
        response.end(answer.keyAuthorization);
        return;
      }
    }
    response.writeHead(404).end();
  };
}

/** A server on a loopback address, closed with the test. */
export async function listen(t: TestContext, serve: RequestListener, host = '127.0.0.1'): Promise<number> {
  const server = createServer(serve);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Where a public address is to be found: a port of loopback; 'dead' = nobody answers, ever. */
export type Places = Readonly<Record<string, number | 'dead' | NodeJS.ErrnoException>>;

export function placesProbe(places: Places): Probe {
  const at = (address: string, signal: AbortSignal) => {
    const place = places[address];
    if (typeof place === 'number') return Promise.resolve(networkProbe({ http: place, https: place }));
    if (place instanceof Error) return Promise.reject(place);
    return new Promise<Probe>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  const loopback = (address: string) => (address.includes('::1:') ? '::1' : '127.0.0.1');
  return {
    async http(target, signal) {
      const probe = await at(target.address, signal);
      return probe.http({ ...target, address: loopback(target.address) }, signal);
    },
    async alpn(target, signal) {
      const probe = await at(target.address, signal);
      return probe.alpn({ ...target, address: loopback(target.address) }, signal);
    },
  };
}

/** Addresses by name; a text is a code that both questions fail with. */
export function dnsOf(names: Readonly<Record<string, readonly string[] | string>>): NameResolver {
  const ask = async (name: string, isSix: boolean): Promise<string[]> => {
    const entry = names[name] ?? 'ENOTFOUND';
    if (typeof entry === 'string') throw Object.assign(new Error(entry), { code: entry });
    const found = entry.filter((address) => address.includes(':') === isSix);
    if (found.length === 0) throw Object.assign(new Error('no data'), { code: 'ENODATA' });
    return found;
  };
  return { resolve4: (name) => ask(name, false), resolve6: (name) => ask(name, true) };
}

let secrets = 0;

export function look(names: readonly string[], about: Partial<PreflightAbout> = {}): Promise<readonly Finding[]> {
  return preflight(names, {
    challenge: { kind: 'http' },
    board: new Board(),
    resolver: dnsOf({}),
    probe: placesProbe({}),
    clock: new FakeClock(),
    secret: () => `secret-${++secrets}`,
    ...about,
  });
}

export function failed(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}
