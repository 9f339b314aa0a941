import type { PasswordDesk, PasswordVerdict } from '../auth/password-desk.ts';
import { systemClock } from '../base/clock.ts';
import { Compressors } from '../compress/compressors.ts';
import type { RateTerms } from '../limit/gcra.ts';
import type { LimitReading } from '../limit/limit-reading.ts';
import { Unknowable } from '../proxy/rehearsal.ts';
import type { StepWorld } from '../steps/step-world.ts';
import type { ControlView } from './control-view.ts';

/** What steps work with while a request is only wondered about: limits are read and not counted, nobody waits, and no other server is asked. */
export class RehearsalWorld implements StepWorld {
  /** How the client stands with `proxy.limit`; null = it was not asked, or cannot be known. */
  reading: LimitReading | null = null;
  readonly #view: Pick<ControlView, 'limit'>;
  readonly #desk: Pick<PasswordDesk, 'check'>;

  constructor(view: Pick<ControlView, 'limit'>, desk: Pick<PasswordDesk, 'check'>) {
    this.#view = view;
    this.#desk = desk;
  }

  readonly clock = systemClock;
  readonly compressors = new Compressors({ compressorsMax: 0 });

  readonly buckets = {
    take: async ({ text: scope }: { readonly text: string }, key: string, terms: RateTerms): Promise<number> => {
      this.reading = await this.#view.limit({ scope, key, terms });
      if (this.reading === null) throw new Unknowable('the data plane, which counts, did not answer in time');
      return this.reading.backlogMs;
    },
  };

  readonly line = { wait: (): Promise<void> => Promise.resolve() };

  readonly passwords = {
    check: async (user: string, password: string, hash: string): Promise<PasswordVerdict> => {
      const verdict = await this.#desk.check(user, password, hash);
      if (verdict === 'busy') throw new Unknowable('so many passwords are being compared that this one was not');
      return verdict;
    },
  };

  readonly upstream = {
    send: (): never => {
      throw new Unknowable('another server decides, and is not asked for an explanation');
    },
  };
}
