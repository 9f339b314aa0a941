import { isIP } from 'node:net';
import type { ClientHello, TlsIdentity, TlsVerdict } from '../http/transport.ts';
import { Patterns } from '../routing/patterns.ts';
import type { ChallengeAnswer } from './acme/challenge.ts';
import type { CertificateSet, ShownCertificate, ShownHost } from './certificate-set.ts';
import { coversHost, wildcardOf } from './covers-host.ts';
import { WaitingNames } from './waiting-names.ts';

/** ALPN protocol of the TLS-ALPN-01 challenge (RFC 8737 §6.2). */
const challengeProtocol = 'acme-tls/1';

/**
 * Every certificate that this worker shows, by name. A swap replaces them all; connections keep what they were shown. The same
 * certificate on the same terms stays the same object, so that engines keep what they made of it.
 */
export class Identities {
  #terms = new Map<string, Terms>();
  #identities = new Map<string, ShownIdentity>();
  #names: CertificateSet['patterns'] = [];
  #anonymous: ShownIdentity | null = null;
  #fallback: ShownIdentity | null = null;
  #proofs = new Map<string, string>();
  #challenges = new Map<string, TlsIdentity>();
  readonly #patterns = new Patterns();
  readonly #waiting: WaitingNames;

  /** @param want asks for a certificate of a name that has none; it comes with a later set, or does not. */
  constructor(want: (name: string) => void) {
    this.#waiting = new WaitingNames(want);
  }

  take(set: CertificateSet): void {
    const certificates = new Map(set.certificates.map((one) => [one.id, one]));
    const before = this.#identities;
    this.#identities = new Map();
    const identityOf = (certificate: ShownCertificate, about: IdentityTerms): ShownIdentity => {
      const key = JSON.stringify([certificate.id, about.minVersion, about.clientCaPem, about.fallback]);
      const identity =
        this.#identities.get(key) ??
        before.get(key) ??
        new ShownIdentity(certificate, about, (host) => this.#find(host));
      this.#identities.set(key, identity);
      return identity;
    };
    this.#terms = new Map();
    for (const host of set.hosts) {
      const certificate = certificates.get(host.certificate ?? '');
      const identity = certificate === undefined ? null : identityOf(certificate, { ...host, fallback: false });
      this.#terms.set(host.host, { identity, placeholder: host.placeholder });
    }
    const fallback = set.fallback === null ? undefined : certificates.get(set.fallback);
    this.#fallback =
      fallback === undefined ? null : identityOf(fallback, { minVersion: '1.2', clientCaPem: null, fallback: true });
    // Who connects to an address sends no name (RFC 6066 §3).
    const address = set.hosts.find(({ host, certificate }) => isIP(host) !== 0 && certificate !== null);
    this.#anonymous = (address && this.#terms.get(address.host)?.identity) ?? this.#fallback;
    this.#names = set.patterns;
    this.#waiting.settle((name) => this.#find(name)?.identity ?? null);
  }

  /** What issuers may ask for from now on; the whole list. */
  takeChallenges(answers: readonly ChallengeAnswer[]): void {
    this.#proofs = new Map();
    this.#challenges = new Map();
    for (const answer of answers) {
      if (answer.kind === 'http') this.#proofs.set(`${answer.name}/${answer.token}`, answer.keyAuthorization);
      else this.#challenges.set(answer.name, challengeIdentity(answer));
    }
  }

  decide({ serverName, protocols }: ClientHello): TlsVerdict | Promise<TlsVerdict> {
    if (protocols.includes(challengeProtocol)) {
      const identity = this.#challenges.get(serverName ?? '');
      return identity === undefined ? refuse : { kind: 'challenge', identity };
    }
    if (serverName === null) return serveOrRefuse(this.#anonymous);
    const terms = this.#find(serverName);
    if (terms !== undefined) return serveOrRefuse(terms.identity);
    const pattern = this.#names.find(({ host }) => this.#patterns.takesHost(host, serverName));
    if (pattern !== undefined) return pattern.onDemand ? this.#await(serverName) : refuse;
    return serveOrRefuse(this.#fallback);
  }

  isReady(host: string): boolean {
    const terms = this.#find(host);
    return terms !== undefined && terms.identity !== null && !terms.placeholder;
  }

  keyAuthorization(host: string, token: string): string | null {
    return this.#proofs.get(`${host}/${token}`) ?? null;
  }

  /** Lets go of handshakes that wait. */
  close(): void {
    this.#waiting.close();
  }

  async #await(name: string): Promise<TlsVerdict> {
    return serveOrRefuse(await this.#waiting.wait(name));
  }

  #find(host: string): Terms | undefined {
    return this.#terms.get(host) ?? this.#terms.get(wildcardOf(host) ?? '');
  }
}

const refuse: TlsVerdict = { kind: 'refuse' };

function serveOrRefuse(identity: TlsIdentity | null): TlsVerdict {
  return identity === null ? refuse : { kind: 'serve', identity };
}

interface Terms {
  readonly identity: ShownIdentity | null;
  readonly placeholder: boolean;
}

interface IdentityTerms extends Pick<ShownHost, 'minVersion' | 'clientCaPem'> {
  /** Shown to names that nobody claims. */
  readonly fallback: boolean;
}

class ShownIdentity implements TlsIdentity {
  readonly chainPem: string;
  readonly keyPem: string;
  readonly trusted: boolean;
  readonly minVersion: '1.2' | '1.3';
  readonly clientCaPem: string | null;
  readonly #names: readonly string[];
  readonly #fallback: boolean;
  readonly #find: (host: string) => Terms | undefined;

  constructor(certificate: ShownCertificate, terms: IdentityTerms, find: (host: string) => Terms | undefined) {
    this.chainPem = certificate.chainPem;
    this.keyPem = certificate.keyPem;
    this.trusted = certificate.trusted;
    this.minVersion = terms.minVersion;
    this.clientCaPem = terms.clientCaPem;
    this.#names = certificate.names;
    this.#fallback = terms.fallback;
    this.#find = find;
  }

  covers(host: string): boolean {
    const terms = this.#find(host);
    if (terms?.identity === this) return true;
    // A host with terms of its own must not be reached by a connection that met others.
    if (terms !== undefined && (terms.identity === null || !this.#meets(terms.identity))) return false;
    return coversHost(this.#names, host) || (this.#fallback && terms === undefined);
  }

  #meets({ minVersion, clientCaPem }: ShownIdentity): boolean {
    return this.minVersion === minVersion && this.clientCaPem === clientCaPem;
  }
}

function challengeIdentity({ chainPem, keyPem }: ChallengeAnswer & { kind: 'alpn' }): TlsIdentity {
  return { chainPem, keyPem, minVersion: '1.2', clientCaPem: null, trusted: false, covers: () => false };
}
