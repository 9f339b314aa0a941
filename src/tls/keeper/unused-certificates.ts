import type { Timer } from '../../base/clock.ts';
import type { WantedCertificate } from '../wanted.ts';
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
 * Certificates that no route needs: never renewed, kept for a while, then archived. Since when is counted anew with every
 * start: nobody knows what was needed while the proxy was off.
 */
export class UnusedCertificates {
  readonly #tools: Pick<KeeperTools, 'clock' | 'held' | 'log'>;
  readonly #since = new Map<string, number>();
  #used: ReadonlySet<string> = new Set();
  #timer: Timer | null = null;

  constructor(tools: Pick<KeeperTools, 'clock' | 'held' | 'log'>) {
    this.#tools = tools;
  }

  update(wanted: readonly WantedCertificate[]): void {
    this.#used = new Set(wanted.flatMap(({ source, names }) => (source.kind === 'acme' ? names : [])));
    this.#look();
  }

  all(): readonly UnusedCertificate[] {
    return this.#tools.held.all().flatMap((held) => {
      const sinceMs = this.#since.get(held.wantedId);
      return sinceMs === undefined ? [] : [{ held, archivedAtMs: sinceMs + keptDays * dayMs }];
    });
  }

  close(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    const nowMs = this.#tools.clock.now();
    for (const { certificate, wantedId } of this.#tools.held.all()) {
      const sinceMs = this.#since.get(wantedId);
      if (certificate.names.some((name) => this.#used.has(name))) this.#since.delete(wantedId);
      else if (sinceMs === undefined) this.#since.set(wantedId, nowMs);
      else if (nowMs - sinceMs >= keptDays * dayMs) this.#archive(wantedId);
    }
    this.#timer?.cancel();
    this.#timer = this.#since.size === 0 ? null : this.#tools.clock.setTimeout(() => this.#look(), dayMs);
  }

  #archive(wantedId: string): void {
    try {
      this.#tools.held.archive(wantedId);
      this.#since.delete(wantedId);
    } catch (error) {
      this.#tools.log.error({ err: error }, 'a certificate that nobody uses any more could not be archived');
    }
  }
}
