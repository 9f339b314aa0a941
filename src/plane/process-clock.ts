/**
 * Monotonic ms, the same in all threads of the process: their own clocks begin some milliseconds apart, the one below them is
 * that of the whole process. It is asked once, and costs no more than the thread's own.
 */
export function processClock(): () => number {
  const [seconds, nanoseconds] = process.hrtime();
  const aheadMs = seconds * 1_000 + nanoseconds / 1e6 - performance.now();
  return () => performance.now() + aheadMs;
}
