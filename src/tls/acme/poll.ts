import { pause } from '../../base/pause.ts';
import { retryAfterMs } from '../../http/retry-after.ts';
import type { AcmeAnswer } from './acme-answer.ts';
import type { TransportAbout } from './acme-transport.ts';
import { AcmeFailure, type OrderStage } from './failure.ts';

export interface PollWish<T> {
  /** For words: `the order`. */
  readonly what: string;
  readonly stage: OrderStage;
  /** The answer that started it; its Retry-After holds for the first pause. */
  readonly after: AcmeAnswer;
  ask(): Promise<AcmeAnswer>;
  /** Null = not yet. */
  settled(answer: AcmeAnswer): T | null;
}

/** Answers in a row that an issuer in trouble may miss without the order being given up. */
const troubleMax = 3;
const pauseGrowth = 1.5;

/**
 * Asks for a state until it is settled, at the issuer's pace where it names one (RFC 8555 §7.5.1), else at ours.
 *
 * @throws AcmeFailure when it takes too long; with the time of the next try where the issuer said one.
 */
export async function poll<T>(wish: PollWish<T>, { clock, signal, limits }: TransportAbout): Promise<T> {
  const endMs = clock.monotonic() + limits.pollMsMax;
  let ownMs = limits.pauseMsFirst;
  let notBeforeMs = retryAfterMs(wish.after.retryAfter, clock.now());
  let trouble = 0;
  for (let polls = 0; polls < limits.pollsMax; polls += 1) {
    const pauseMs = Math.max(ownMs, (notBeforeMs ?? 0) - clock.now());
    if (clock.monotonic() + pauseMs > endMs) break;
    await pause(clock, pauseMs, signal);
    ownMs = Math.min(ownMs * pauseGrowth, limits.pauseMsMax);
    try {
      const answer = await wish.ask();
      const value = wish.settled(answer);
      if (value !== null) return value;
      trouble = 0;
      notBeforeMs = retryAfterMs(answer.retryAfter, clock.now());
    } catch (error) {
      trouble += 1;
      if (!isTrouble(error) || trouble === troubleMax) throw error;
      notBeforeMs = error.retryAfterMs;
    }
  }
  const detail = `${wish.what} was still not decided on when the patience for it was over`;
  throw new AcmeFailure(
    { type: '', status: null, detail, subproblems: [] },
    { stage: wish.stage, retryAfterMs: notBeforeMs },
  );
}

/** No answer, a server's error, or a wish for fewer requests: the state itself may be fine. */
function isTrouble(error: unknown): error is AcmeFailure {
  if (!(error instanceof AcmeFailure)) return false;
  const { status, type } = error.problem;
  return type === '' ? status === null || status >= 500 : status === 429 || (status ?? 0) >= 500;
}
