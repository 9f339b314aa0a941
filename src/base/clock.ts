/** A timer that was set; cancelling one that has fired does nothing. */
export interface Timer {
  cancel(): void;
}

/** Time as an argument, so that tests never sleep. */
export interface Clock {
  /** Epoch ms: for what people read, and what outlives the process. */
  now(): number;
  /** Monotonic ms: for durations. */
  monotonic(): number;
  /** Calls once after `ms`. Does not keep the process alive. */
  setTimeout(callback: () => void, ms: number): Timer;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(callback, ms) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
