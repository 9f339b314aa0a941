/** A close frame has to arrive, and be answered, before there is nobody left; and the signal is heard of a moment late. */
const farewellMs = 1_000;

/**
 * From the stop signal to the moment at which a container's tunnels are taken leave of, ms: what `proxy.drain` says, but no later
 * than shortly before Docker kills it; of a grace period below two seconds the second half is left for that.
 *
 * @param drainMs `proxy.drain`.
 * @param stopGraceMs as of the container.
 */
export function drainTimeMs(drainMs: number, stopGraceMs: number): number {
  return Math.min(drainMs, stopGraceMs - Math.min(farewellMs, stopGraceMs / 2));
}
