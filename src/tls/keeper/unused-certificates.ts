import type { Timer } from '../../base/clock.ts';
import type { HeldIndex } from './held-index.ts';
import type { HeldCertificate, KeeperTools } from './keeper-tools.ts';

/** A service that comes back within this time finds its certificate; after it, the certificate is archived. */
export const keptDays = 30;
const dayMs = 24 * 60 * 60_000;

export interface UnusedCertificate {
  readonly held: HeldCertificate;
  /** Epoch ms. */
  readonly archivedAtMs: number;
}

/**
 * Certificates that nobody is shown: never renewed, kept for a while, then archived; after a day those that have ended, which
 * are of no use to whoever comes back. Since when is counted anew with every start: nobody knows what was needed while the
 * proxy was off.
 */
export class UnusedCertificates {
  readonly #tools: Pick<KeeperTools, 'clock' | 'held' | 'log'>;
  readonly #index: HeldIndex;
  readonly #since = new Map<HeldCertificate, number>();
  #used: ReadonlySet<string> = new Set();
  #timer: Timer | null = null;

  constructor(tools: Pick<KeeperTools, 'clock' | 'held' | 'log'>, index: HeldIndex) {
    this.#tools = tools;
    this.#index = index;
  }

  /** @param used ids of certificates. */
  update(used: ReadonlySet<string>): void {
    this.#used = used;
    this.#look();
  }

  all(): readonly UnusedCertificate[] {
    return [...this.#since].map(([held, sinceMs]) => ({ held, archivedAtMs: archivedAtMs(held, sinceMs) }));
  }

  close(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    const nowMs = this.#tools.clock.now();
    const unused = [...this.#index.all()].filter(({ certificate }) => !this.#used.has(certificate.id));
    const kept = new Set(unused);
    for (const held of this.#since.keys()) if (!kept.has(held)) this.#since.delete(held);
    for (const held of unused) {
      const sinceMs = this.#since.get(held);
      if (sinceMs === undefined) this.#since.set(held, nowMs);
      else if (nowMs >= archivedAtMs(held, sinceMs)) this.#archive(held, nowMs);
    }
    this.#timer?.cancel();
    this.#timer = this.#since.size === 0 ? null : this.#tools.clock.setTimeout(() => this.#look(), dayMs);
  }

  #archive(held: HeldCertificate, nowMs: number): void {
    const { names } = held.certificate;
    try {
      this.#tools.held.archive(held);
      this.#index.remove(held);
      this.#since.delete(held);
      this.#tools.log.info({ names }, 'a certificate that nobody uses any more was archived');
    } catch (error) {
      this.#since.set(held, nowMs);
      this.#tools.log.error({ names, err: error }, 'a certificate that nobody uses any more could not be archived');
    }
  }
}

function archivedAtMs({ certificate }: HeldCertificate, sinceMs: number): number {
  return Math.min(sinceMs + keptDays * dayMs, Math.max(sinceMs + dayMs, certificate.notAfterMs));
}
