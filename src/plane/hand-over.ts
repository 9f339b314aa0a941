import { type CachePlace, pathOfDescriptor } from './cache-place.ts';
import type { WorkerPlan } from './messages.ts';

/** Descriptors that a child gets behind the four that every child has, and the plan with the numbers that they have there. */
export function handOver(
  plan: WorkerPlan,
  place: CachePlace | null,
): { readonly descriptors: readonly number[]; readonly plan: WorkerPlan } {
  const descriptors: number[] = [];
  const hand = (fd: number): number => 3 + descriptors.push(fd);
  const { accessLogFd } = plan;
  const logFd = typeof accessLogFd === 'number' && accessLogFd > 2 ? hand(accessLogFd) : accessLogFd;
  const directory = place === null ? null : pathOfDescriptor(hand(place.fd), place);
  return { descriptors, plan: { ...plan, accessLogFd: logFd, cache: { ...plan.cache, directory } } };
}

/** The data plane needs no settings from the environment, so it gets none: tokens and keys stay here. */
export function publicEnvironment(): NodeJS.ProcessEnv {
  const { PATH, LANG, TZ, NO_COLOR } = process.env;
  return { PATH, LANG, TZ, NO_COLOR };
}
