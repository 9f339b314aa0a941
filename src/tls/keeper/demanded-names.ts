import type { Wanted } from '../wanted.ts';
import type { HeldCertificates } from './keeper-tools.ts';

/** Names without a certificate that are remembered; of more the oldest are forgotten. */
const askedMax = 1_000;

/** Names that only a pattern takes, and that clients have asked for: now, or before, so that a certificate is held. */
export class DemandedNames {
  readonly #held: HeldCertificates;
  readonly #asked = new Set<string>();

  constructor(held: HeldCertificates) {
    this.#held = held;
  }

  add(name: string): void {
    this.#asked.delete(name);
    this.#asked.add(name);
    const [oldest] = this.#asked;
    if (this.#asked.size > askedMax && oldest !== undefined) this.#asked.delete(oldest);
  }

  /** Those that are no host of the table. */
  names({ hosts }: Wanted): readonly string[] {
    const listed = new Set(hosts.map(({ host }) => host));
    const held = this.#held.all().flatMap(({ certificate }) => certificate.names);
    return [...new Set([...held, ...this.#asked])].filter((name) => !name.startsWith('*') && !listed.has(name));
  }
}
