import { readFileSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Container } from './container.ts';
import { Pace } from './pace.ts';
import { findPlace, ownIdCandidates } from './place.ts';
import type { Snapshot } from './snapshot.ts';
import { type EngineWatch, watchEngine } from './watch-engine.ts';

export interface WatchEnginesOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** How long after its stop signal a container that still runs counts as leaving, in ms (`proxy.drain`). */
  readonly graceMs: (container: Container) => number;
  /** Called with the whole picture whenever it has changed; not before the first change. */
  readonly onChange: (snapshot: Snapshot) => void;
  /** Where DOCKER_CERT_PATH, DOCKER_TLS_VERIFY, HOME and HOSTNAME are looked up; the process's own by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The text of a file, null where it cannot be read; the machine's own files by default. */
  readonly readFile?: (path: string) => string | null;
  /** Math.random by default. */
  readonly random?: () => number;
}

export interface EnginesWatch {
  /** What `onChange` was told last. */
  snapshot(): Snapshot;
  /** Ends all connections; nothing is told from then on. */
  close(): void;
}

/**
 * Watches engines side by side, none waiting for another, and joins what they say into one picture. A container that is on two
 * endpoints (one engine under two names) is shown once.
 */
export function watchEngines(endpoints: readonly string[], options: WatchEnginesOptions): EnginesWatch {
  const { clock, log, env = process.env, readFile = textOf, random = Math.random } = options;
  const ownIds = ownIdCandidates({ readFile, hostname: env.HOSTNAME ?? '' });
  const watches: EngineWatch[] = [];
  const pace = new Pace({
    clock,
    tell() {
      told = joined(watches, ownIds);
      try {
        options.onChange(told);
      } catch (err) {
        // The next change must still be seen; what failed here is not the engine's fault.
        log.error({ err }, 'a change of the containers could not be applied');
      }
    },
  });
  for (const endpoint of new Set(endpoints)) {
    const surroundings = { env, readFile };
    const tell = {
      onChange: (about: { withinMs: number }) => pace.changed(about),
      onLeaving: () => pace.urgent(),
    };
    watches.push(
      watchEngine({ endpoint, clock, log, graceMs: options.graceMs, ownIds, surroundings, random, ...tell }),
    );
  }
  let told = joined(watches, ownIds);
  return {
    snapshot: () => told,
    close() {
      pace.close();
      for (const watch of watches) watch.close();
    },
  };
}

function joined(watches: readonly EngineWatch[], ownIds: readonly string[]): Snapshot {
  const byId = new Map<string, Container>();
  // Connected ones first: what they say is newer.
  for (const connected of [true, false]) {
    for (const watch of watches) {
      if (watch.status.connected !== connected) continue;
      for (const container of watch.containers()) if (!byId.has(container.id)) byId.set(container.id, container);
    }
  }
  return Object.freeze({
    containers: Object.freeze([...byId.values()]),
    engines: Object.freeze(watches.map(({ status }) => status)),
    place: findPlace(byId.values(), ownIds),
    complete: isComplete(watches),
  });
}

/**
 * Every engine was listed; one that failed at its first attempt is not waited for once another was listed, because an engine
 * that is down must not keep the others' routes from being ready.
 */
function isComplete(watches: readonly EngineWatch[]): boolean {
  const listed = watches.some(({ progress }) => progress === 'listed');
  return listed && watches.every(({ progress }) => progress !== 'waiting');
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
