import type { TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Log } from '../../src/base/log.ts';
import type { Container } from '../../src/docker/container.ts';
import type { Snapshot } from '../../src/docker/snapshot.ts';
import { type EnginesWatch, type WatchEnginesOptions, watchEngines } from '../../src/docker/watch-engines.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Long enough for any exchange over a local socket; a turn takes microseconds. */
const turnsMax = 200_000;

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Engines under watch, with time that stands still unless the test lets it pass. */
export interface Watching {
  readonly clock: FakeClock;
  readonly watch: EnginesWatch;
  /** Everything that onChange was told, oldest first. */
  readonly told: Snapshot[];
  readonly lines: LogLine[];
  container(name: string): Container | undefined;
  /** Lets sockets do their work, a millisecond at each turn, until it holds. */
  until(what: string, check: () => boolean): Promise<void>;
  /** Lets sockets do their work while time stands still. */
  quiet(check: () => boolean, what: string): Promise<void>;
}

export function watching(
  t: TestContext,
  endpoints: readonly string[],
  options: Partial<WatchEnginesOptions> = {},
): Watching {
  const clock = new FakeClock();
  const told: Snapshot[] = [];
  const lines: LogLine[] = [];
  const watch = watchEngines(endpoints, {
    clock,
    log: logInto(lines),
    graceMs: () => 30_000,
    onChange: (snapshot) => told.push(snapshot),
    env: {},
    readFile: () => null,
    random: () => 1,
    ...options,
  });
  t.after(() => watch.close());
  const waitFor = async (what: string, check: () => boolean, stepMs: number) => {
    for (let turns = 0; !check(); turns++) {
      if (turns > turnsMax) throw new Error(`${what}: never. Last told: ${JSON.stringify(watch.snapshot().engines)}`);
      // Most turns without time, so that answers have the chance to come before limits run out.
      if (turns % 20 === 19) clock.advance(stepMs);
      await turn();
    }
  };
  return {
    clock,
    watch,
    told,
    lines,
    container: (name) => watch.snapshot().containers.find((one) => one.name === name),
    until: (what, check) => waitFor(what, check, 1),
    quiet: (check, what) => waitFor(what, check, 0),
  };
}

export function logInto(lines: LogLine[]): Log {
  const write = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) =>
    void lines.push({ level, message, fields });
  const log: Log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => log,
  };
  return log;
}
