import pino, { type Logger } from 'pino';

/** Lines wait for company up to this many bytes (pino's own bound is 16 KiB) … */
const batchBytes = 8 * 1024;
/** … but never longer than this. */
const flushEveryMs = 200;

/** The access log of one worker: JSON lines, written in batches, never awaited by a request. */
export function accessLogger(fd: number): { log: Logger; flush(): void } {
  const destination = pino.destination({ dest: fd, sync: false, minLength: batchBytes });
  // A closed pipe or a full disk must not take the site down.
  destination.on('error', () => {});
  const log = pino({ base: null, messageKey: 'message', timestamp: pino.stdTimeFunctions.isoTime }, destination);
  setInterval(() => destination.flush(), flushEveryMs).unref();
  return {
    log,
    flush() {
      try {
        destination.flushSync();
      } catch {
        // Not open any more: there is nobody left to tell.
      }
    },
  };
}
