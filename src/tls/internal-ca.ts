import { join } from 'node:path';
import type { Log } from '../base/log.ts';
import type { Damage } from '../base/set-aside.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { InternalRoot } from './internal-root.ts';
import { signLeaf } from './internal-signing.ts';
import { isLocalName } from './local-names.ts';

const hourMs = 3_600_000;
const lifeMs = 90 * 24 * hourMs;
const namesMax = 100;
const keptMax = 5_000;
const hostName = /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$|^[0-9a-f:.]+$/;

/**
 * Certificates for names that no public issuer signs. There are two roots, in `<dataDir>/internal-ca/`: `local.pem` can vouch
 * for local names and private addresses only, and is all that most people ever have to trust; `any.pem` has no such bounds,
 * and is made when some other name needs one: a label says `internal`, or a host has no dot.
 */
export class InternalCa {
  readonly #roots: { readonly local: InternalRoot; readonly any: InternalRoot };
  readonly #damages: Damage[] = [];
  readonly #issued = new Map<string, Promise<Certificate>>();

  /** Reads the roots that are there; none is made before it is needed. @throws the error of the file system. */
  constructor({ dataDir, log, nowMs }: { dataDir: string; log: Log; nowMs: number }) {
    const onDamage = (damage: Damage) => {
      this.#damages.push(damage);
      log.error({ ...damage }, 'a root of the internal CA was damaged and set aside; clients must trust the new one');
    };
    const root = (local: boolean) =>
      new InternalRoot(
        { path: join(dataDir, 'internal-ca', `${local ? 'local' : 'any'}.pem`), local, onDamage },
        nowMs,
      );
    this.#roots = { local: root(true), any: root(false) };
  }

  /** What was set aside: at most a file for each root and start. */
  get damages(): readonly Damage[] {
    return this.#damages;
  }

  /** The roots to trust, PEM; null while there is none. */
  get rootPem(): string | null {
    const pems = [this.#roots.local.current, this.#roots.any.current].map((root) => root?.chainPem ?? '');
    return pems.join('') || null;
  }

  /**
   * The certificate for these names: for 90 days, the same one until two thirds of them have passed. Clients refuse a wildcard
   * right below a top-level name, such as `*.localhost`: there, ask for the host itself.
   *
   * @param names lower case; DNS names, `*.example.test`, addresses.
   * @throws RangeError for what is no such name, or more than 100; the error of the file system where a root cannot be kept.
   */
  async issue(names: readonly string[], nowMs: number): Promise<Certificate> {
    const bad = names.find((name) => !hostName.test(name) || name.length > 253);
    if (bad !== undefined || names.length === 0 || names.length > namesMax)
      throw new RangeError(
        `a certificate is for 1 to ${namesMax} host names${bad === undefined ? '' : `, not ${bad}`}`,
      );
    const key = names.join();
    for (;;) {
      const making = this.#issued.get(key);
      if (making === undefined) return this.#keep(key, this.#sign(names, nowMs));
      const kept = await making;
      if (kept.notBeforeMs <= nowMs && nowMs < internalRenewalMs(kept)) return kept;
      if (this.#issued.get(key) === making) this.#issued.delete(key);
    }
  }

  async #sign(names: readonly string[], nowMs: number): Promise<Certificate> {
    const root = await this.#roots[names.every(isLocalName) ? 'local' : 'any'].get(nowMs);
    // Clocks of clients are late.
    const pair = await signLeaf(root, { names, validity: { fromMs: nowMs - hourMs, toMs: nowMs + lifeMs } });
    const reading = readCertificate({ ...pair, nowMs });
    if (!reading.ok) throw new Error(`the internal CA made a certificate that cannot be used: ${reading.fault}`);
    return reading.certificate;
  }

  async #keep(key: string, making: Promise<Certificate>): Promise<Certificate> {
    this.#issued.set(key, making);
    for (const oldest of this.#issued.keys()) {
      if (this.#issued.size <= keptMax) break;
      this.#issued.delete(oldest);
    }
    try {
      return await making;
    } catch (error) {
      if (this.#issued.get(key) === making) this.#issued.delete(key);
      throw error;
    }
  }
}

/** When `issue` gives another certificate in the place of this one: epoch ms, after two thirds of its life. */
export function internalRenewalMs({ notBeforeMs, notAfterMs }: Certificate): number {
  return notBeforeMs + Math.floor(((notAfterMs - notBeforeMs) * 2) / 3);
}
