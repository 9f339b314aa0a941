import pino from 'pino';

/** Lines wait for company up to this many bytes (pino takes less than 16 KiB) … */
const batchBytes = 16 * 1024 - 1;
/** … but stdout may be a pipe that all workers share, and only writes up to this size come out of it unmixed (PIPE_BUF). */
const pipeBytes = 4096;
/** … but never longer than this. */
const flushEveryMs = 200;
/** Lines that the disk has not taken: more are dropped, because a slow disk must not become everybody's memory. */
const waitingBytesMax = 16 * 1024 * 1024;

/** Takes the access log lines of one worker and writes them in batches, through pino's destination. */
export function accessLogger(fd: number): { write(line: string): void; flush(): void } {
  const size = fd === 1 ? { minLength: pipeBytes / 2, maxWrite: pipeBytes } : { minLength: batchBytes };
  const destination = pino.destination({ dest: fd, sync: false, maxLength: waitingBytesMax, ...size });
  // A closed pipe or a full disk must not take the site down.
  destination.on('error', () => {});
  setInterval(() => destination.flush(), flushEveryMs).unref();
  return {
    write: (line) => {
      destination.write(line);
    },
    flush() {
      try {
        destination.flushSync();
      } catch {
        // Not open any more: there is nobody left to tell.
      }
    },
  };
}
