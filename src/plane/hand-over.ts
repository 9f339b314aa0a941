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

/**
 * Busy at its start, a worker has many requests survive a collection, and V8 concludes that such objects live long and belong into
 * the old generation: from then on every request's head is garbage there, each collection of the young one takes 5 ms instead of
 * 0.7, and the old one fills up four times a second.
 */
const v8Flags = ['--no-allocation-site-pretenuring'];

/** Of the data plane's process. */
export const nodeArgs = ['--disable-warning=DEP0060', '--disable-warning=ExperimentalWarning', ...v8Flags];
