import type { Rate } from '../labels/options.ts';
import type { Standing } from './gcra.ts';

/** `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers: what is agreed, in whole numbers. */
export function ratePolicyField({ count, perMs }: Rate): string {
  let [quota, windowSeconds] = [count, perMs / 1_000];
  // A rate has at most three decimals.
  while (!Number.isInteger(quota)) [quota, windowSeconds] = [Math.round(quota * 1e4) / 1e3, windowSeconds * 10];
  return `"limit";q=${quota};w=${windowSeconds}`;
}

/** `RateLimit`: requests that may still come now, and seconds until all may again. */
export function rateField({ remaining, resetMs }: Standing): string {
  return `"limit";r=${remaining};t=${wholeSeconds(resetMs)}`;
}

/** Rounded up: who comes back by then is let in. */
export function retryAfterField({ nextMs }: Standing): string {
  return String(Math.max(1, wholeSeconds(nextMs)));
}

function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}
