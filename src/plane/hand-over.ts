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
  const logFd = accessLogFd !== null && accessLogFd > 2 ? hand(accessLogFd) : accessLogFd;
  const directory = place === null ? null : pathOfDescriptor(hand(place.fd), place);
  return { descriptors, plan: { ...plan, accessLogFd: logFd, cache: { ...plan.cache, directory } } };
}
