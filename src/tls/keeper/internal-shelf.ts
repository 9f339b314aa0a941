import type { Clock, Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Certificate } from '../certificate.ts';
import { internalRenewalMs } from '../internal-ca.ts';
import { Lanes } from './lanes.ts';

/** Signatures under way at once. */
const signingMax = 8;
/** What could not be signed, and what is due for renewal, is looked for this often. */
const lookEveryMs = 60_000;

interface Seat {
  readonly names: readonly string[];
  certificate: Certificate | null;
  making: boolean;
}

export interface InternalShelfAbout {
  readonly issue: (names: readonly string[]) => Promise<Certificate>;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: () => void;
}

/** Certificates that the internal CA has signed, for as long as they are wanted; made anew with every start. */
export class InternalShelf {
  readonly #about: InternalShelfAbout;
  readonly #seats = new Map<string, Seat>();
  readonly #lanes = new Lanes(signingMax);
  #timer: Timer;
  #closed = false;
  #failing = false;

  constructor(about: InternalShelfAbout) {
    this.#about = about;
    this.#timer = this.#later();
  }

  /** @param wanted names by id; the same id always has the same names. */
  update(wanted: ReadonlyMap<string, readonly string[]>): void {
    for (const id of this.#seats.keys()) if (!wanted.has(id)) this.#seats.delete(id);
    for (const [id, names] of wanted) this.add(id, names);
  }

  /** One more, beside those of `update`. */
  add(id: string, names: readonly string[]): void {
    if (this.#seats.has(id)) return;
    const seat = { names, certificate: null, making: false };
    this.#seats.set(id, seat);
    void this.#make(id, seat);
  }

  drop(id: string): void {
    this.#seats.delete(id);
  }

  get(id: string): Certificate | null {
    return this.#seats.get(id)?.certificate ?? null;
  }

  close(): void {
    this.#closed = true;
    this.#timer.cancel();
  }

  #later(): Timer {
    return this.#about.clock.setTimeout(() => {
      this.#timer = this.#later();
      const nowMs = this.#about.clock.now();
      for (const [id, seat] of this.#seats)
        if (seat.certificate === null || isDue(seat.certificate, nowMs)) void this.#make(id, seat);
    }, lookEveryMs);
  }

  /** Never rejects. */
  async #make(id: string, seat: Seat): Promise<void> {
    if (seat.making) return;
    seat.making = true;
    try {
      const certificate = await this.#lanes.run(() => this.#issued(id, seat));
      this.#failing = false;
      if (certificate !== null) {
        seat.certificate = certificate;
        this.#about.onChange();
      }
    } catch (error) {
      const { names } = seat;
      // Once: they all fail for the same reason, a disk that takes no root.
      if (!this.#failing) this.#about.log.error({ names, err: error }, 'the internal CA could not sign a certificate');
      this.#failing = true;
    }
    seat.making = false;
  }

  /** Null where nobody wants it any more. */
  async #issued(id: string, seat: Seat): Promise<Certificate | null> {
    const isWanted = (): boolean => !this.#closed && this.#seats.get(id) === seat;
    if (!isWanted()) return null;
    const certificate = await this.#about.issue(seat.names);
    return isWanted() ? certificate : null;
  }
}

/** After two thirds of its life, or where the clock says that it does not count at all. */
function isDue(certificate: Certificate, nowMs: number): boolean {
  return nowMs < certificate.notBeforeMs || nowMs >= internalRenewalMs(certificate);
}
