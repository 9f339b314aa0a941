import type { StepList } from '../steps/compile.ts';
import type { StepAnswer } from '../steps/step-answer.ts';
import type { Journey } from './journey.ts';

/** What a step came to with a request that nobody has sent. */
export interface Rehearsed {
  readonly step: string;
  readonly verdict: 'pass' | 'stop' | 'unknown';
  /** What the client would get; null where it would not get it from here. */
  readonly answer: StepAnswer | null;
  /** Why it cannot be known; '' where it can. */
  readonly why: string;
}

/** Thrown by what a step works with where its verdict cannot be known without asking somebody. */
export class Unknowable extends Error {}

/**
 * Leads a request through the steps of its route as `admit` does, up to the one that stops it. The steps are the data plane's
 * own, over a world that counts nothing and asks nobody; they edit the head of the request. One whose verdict cannot be known is
 * passed by.
 */
export async function rehearse(journey: Journey, steps: StepList['request']): Promise<readonly Rehearsed[]> {
  const rehearsed: Rehearsed[] = [];
  for (const step of steps) {
    try {
      const answer = (await step.request(journey)) ?? null;
      rehearsed.push({ step: step.name, verdict: answer === null ? 'pass' : 'stop', answer, why: '' });
      if (answer !== null) break;
    } catch (error) {
      if (!(error instanceof Unknowable)) throw error;
      rehearsed.push({ step: step.name, verdict: 'unknown', answer: null, why: error.message });
    }
  }
  return rehearsed;
}
