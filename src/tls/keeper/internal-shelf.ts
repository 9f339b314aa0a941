import type { Clock, Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Certificate } from '../certificate.ts';

/** Certificates that the internal CA has signed, for as long as they are wanted; made anew with every start. */
export class InternalShelf {
  readonly #issue: (names: readonly string[]) => Promise<Certificate>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onChange: () => void;
  readonly #certificates = new Map<string, Certificate | null>();
  #timer: Timer | null = null;

  constructor(about: {
    readonly issue: (names: readonly string[]) => Promise<Certificate>;
    readonly clock: Clock;
    readonly log: Log;
    readonly onChange: () => void;
  }) {
    this.#issue = about.issue;
    this.#clock = about.clock;
    this.#log = about.log;
    this.#onChange = about.onChange;
  }

  /** @param wanted names by id; the same id always has the same names. */
  update(wanted: ReadonlyMap<string, readonly string[]>): void {
    for (const id of this.#certificates.keys()) if (!wanted.has(id)) this.#certificates.delete(id);
    for (const [id, names] of wanted) {
      if (this.#certificates.has(id)) continue;
      this.#certificates.set(id, null);
      void this.#make(id, names);
    }
    this.#timer?.cancel();
    if (wanted.size > 0) this.#timer = this.#clock.setTimeout(() => this.#renew(wanted), renewEveryMs);
  }

  get(id: string): Certificate | null {
    return this.#certificates.get(id) ?? null;
  }

  close(): void {
    this.#timer?.cancel();
  }

  #renew(wanted: ReadonlyMap<string, readonly string[]>): void {
    const nowMs = this.#clock.now();
    for (const [id, names] of wanted) {
      const certificate = this.#certificates.get(id);
      if (certificate == null || isDue(certificate, nowMs)) void this.#make(id, names);
    }
    this.update(wanted);
  }

  async #make(id: string, names: readonly string[]): Promise<void> {
    try {
      const certificate = await this.#issue(names);
      if (!this.#certificates.has(id)) return;
      this.#certificates.set(id, certificate);
      this.#onChange();
    } catch (error) {
      this.#log.error({ names, err: error }, 'the internal CA could not sign a certificate');
    }
  }
}

const renewEveryMs = 60 * 60_000;

/** After two thirds of its life, or where the clock says that it does not count at all. */
function isDue({ notBeforeMs, notAfterMs }: Certificate, nowMs: number): boolean {
  return nowMs < notBeforeMs || nowMs > notBeforeMs + ((notAfterMs - notBeforeMs) * 2) / 3;
}
