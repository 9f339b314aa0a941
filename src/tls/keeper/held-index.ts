import type { Issuer } from '../acme/issuer.ts';
import { wildcardOf } from '../covers-host.ts';
import type { AcmeWanted, HeldCertificate, HeldCertificates } from './keeper-tools.ts';
import { serves } from './serves.ts';

/** The certificates of issuers by name, those among them that could not be written yet. */
export class HeldIndex {
  readonly #all = new Set<HeldCertificate>();
  readonly #byName = new Map<string, Set<HeldCertificate>>();
  readonly #byWanted = new Map<string, HeldCertificate>();

  constructor(held: Pick<HeldCertificates, 'all'>) {
    for (const one of held.all()) this.put(one);
  }

  all(): Iterable<HeldCertificate> {
    return this.#all;
  }

  /** All names that stand in a certificate. */
  names(): Iterable<string> {
    return this.#byName.keys();
  }

  /** In the place of the one that was ordered for the same before. */
  put(held: HeldCertificate): void {
    const before = this.#byWanted.get(held.wantedId);
    if (before !== undefined && held.wantedId !== '') this.remove(before);
    this.#all.add(held);
    this.#byWanted.set(held.wantedId, held);
    for (const name of held.certificate.names) {
      const known = this.#byName.get(name);
      if (known === undefined) this.#byName.set(name, new Set([held]));
      else known.add(held);
    }
  }

  remove(held: HeldCertificate): void {
    this.#all.delete(held);
    if (this.#byWanted.get(held.wantedId) === held) this.#byWanted.delete(held.wantedId);
    for (const name of held.certificate.names) {
      const known = this.#byName.get(name);
      known?.delete(held);
      if (known?.size === 0) this.#byName.delete(name);
    }
  }

  /** Of several that serve, the one that lasts longest, even one that has ended; a wildcard that is held spares an order. */
  bestFor(wanted: AcmeWanted, issuers: readonly Issuer[]): HeldCertificate | null {
    return lastingOf(this.#covering(wanted.names[0] ?? '').filter((held) => serves(held, wanted, issuers)));
  }

  /** What a host can be shown while the certificate that is wanted for it is not there; null = nothing. */
  standIn(host: string): HeldCertificate | null {
    return lastingOf(this.#covering(host));
  }

  #covering(host: string): HeldCertificate[] {
    const wildcard = wildcardOf(host);
    return [host, ...(wildcard === null ? [] : [wildcard])].flatMap((name) => [...(this.#byName.get(name) ?? [])]);
  }
}

function lastingOf(several: readonly HeldCertificate[]): HeldCertificate | null {
  let best: HeldCertificate | null = null;
  for (const one of several) if (best === null || one.certificate.notAfterMs > best.certificate.notAfterMs) best = one;
  return best;
}
