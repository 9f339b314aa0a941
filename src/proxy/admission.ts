import type { StepAnswer } from '../steps/step-answer.ts';
import { answerStep } from './answer.ts';
import { guarded } from './guarded.ts';
import type { Journey } from './journey.ts';
import type { LiveRoute } from './table-cell.ts';
import type { ProxyWorld } from './world.ts';

/** What becomes of a request that all steps let through. */
export type Pass = (world: ProxyWorld, journey: Journey, live: LiveRoute) => void;

/** Leads a request through the steps of its route, from step number `from` on: one of them answers, or it passes. */
export function admit(world: ProxyWorld, journey: Journey, live: LiveRoute, pass: Pass, from = 0): void {
  const steps = live.steps.request;
  for (let at = from; at < steps.length; at++) {
    const verdict = steps[at]?.request(journey);
    if (verdict === undefined) continue;
    if (!(verdict instanceof Promise)) return answerStep(world, journey, verdict);
    verdict.then(
      (answer) => resume(world, journey, answer, () => admit(world, journey, live, pass, at + 1)),
      (error: unknown) =>
        resume(world, journey, undefined, () => {
          throw error;
        }),
    );
    return;
  }
  pass(world, journey, live);
}

/** A step has come to its verdict; by then the client may have left. */
function resume(world: ProxyWorld, journey: Journey, answer: StepAnswer | undefined, goOn: () => void): void {
  if (journey.ended) return;
  guarded(world, journey, () => {
    if (answer === undefined) goOn();
    else answerStep(world, journey, answer);
  });
}
