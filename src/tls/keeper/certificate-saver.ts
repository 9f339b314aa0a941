import type { Timer } from '../../base/clock.ts';
import type { HeldCertificate, KeeperTools } from './keeper-tools.ts';

/** A certificate that was just signed. */
export interface IssuedCertificate {
  readonly held: HeldCertificate;
  /** Forgets its order, of which a crash before would get it again. */
  settle(): Promise<void>;
}

const againMs = 60_000;

/** Writes what was signed, and tries again until the disk takes it: a full one must not cost a certificate. */
export class CertificateSaver {
  readonly #tools: Pick<KeeperTools, 'clock' | 'held' | 'log'>;
  /** By what they were ordered for: as many at most as are wanted at once. */
  readonly #unsaved = new Map<string, IssuedCertificate>();
  #timer: Timer | null = null;

  constructor(tools: Pick<KeeperTools, 'clock' | 'held' | 'log'>) {
    this.#tools = tools;
  }

  save(issued: IssuedCertificate): void {
    const { wantedId, certificate } = issued.held;
    this.#unsaved.delete(wantedId);
    const error = this.#write(issued);
    if (error === null) return;
    this.#unsaved.set(wantedId, issued);
    const { names } = certificate;
    this.#tools.log.error({ names, err: error }, 'a certificate cannot be written; it is served from memory');
    this.#later();
  }

  close(): void {
    this.#timer?.cancel();
  }

  #later(): void {
    this.#timer ??= this.#tools.clock.setTimeout(() => {
      this.#timer = null;
      this.#again();
    }, againMs);
  }

  #again(): void {
    for (const [wantedId, issued] of this.#unsaved) {
      // Where one does not fit, the others need not be tried.
      if (this.#write(issued) !== null) return this.#later();
      this.#unsaved.delete(wantedId);
      const { names } = issued.held.certificate;
      this.#tools.log.info({ names }, 'a certificate that could not be written is written now');
    }
  }

  #write(issued: IssuedCertificate): unknown {
    try {
      this.#tools.held.save(issued.held);
    } catch (error) {
      return error ?? 'unknown';
    }
    issued.settle().catch((error: unknown) => {
      this.#tools.log.warn({ err: error }, 'a finished order could not be forgotten; it will be found again');
    });
    return null;
  }
}
