import { durationText } from '../base/duration.ts';
import type { Log } from '../base/log.ts';
import type { Container } from '../docker/container.ts';
import type { BuiltTable } from '../routing/route-detail.ts';

/** Within which ends of a container are counted, and how many of them are remembered. */
const countedMs = 10 * 60_000;
const endsMax = 1_000;
/** One that is started again and again is told of so often at most. */
const pauseMs = 10_000;
/** Lines about one look: an engine that runs out of memory may end many. */
const linesMax = 20;

interface Known {
  /** When it ended last, by the engine's clock, epoch ms; 0 = it was not seen to end. */
  readonly endedMs: number;
  /** By our clock, monotonic. */
  readonly ends: readonly number[];
  readonly toldMs: number | null;
}

/**
 * Tells the log of containers that end by themselves, with an exit code or out of memory, and have a route. One that was sent
 * its stop signal is not told of, whatever its exit code, nor one that had ended before the proxy came.
 */
export class CrashTeller {
  readonly #log: Log;
  #known = new Map<string, Known>();
  #isFirst = true;

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param nowMs monotonic. @param about.complete every engine has told of all its containers. */
  look(containers: readonly Container[], { details }: BuiltTable, about: { nowMs: number; complete: boolean }): void {
    const known = new Map<string, Known>();
    const crashed: Container[] = [];
    for (const container of containers) {
      const before = this.#known.get(container.id);
      if (!hasCrashed(container)) {
        if (before !== undefined) known.set(container.id, before);
        continue;
      }
      const { changedMs } = container;
      if (before?.endedMs === changedMs) known.set(container.id, before);
      else {
        const recent = (before?.ends ?? []).filter((ms) => about.nowMs - ms < countedMs).slice(1 - endsMax);
        const ends = this.#isFirst ? [] : [...recent, about.nowMs];
        known.set(container.id, { endedMs: changedMs, ends, toldMs: before?.toldMs ?? null });
        if (!this.#isFirst) crashed.push(container);
      }
    }
    this.#known = known;
    if (about.complete) this.#isFirst = false;
    if (crashed.length > 0) this.#tell(crashed, details, about.nowMs);
  }

  #tell(crashed: readonly Container[], details: BuiltTable['details'], nowMs: number): void {
    const routed = new Set(
      [...details.values()].flatMap(({ members }) => members.map(({ container }) => container.id)),
    );
    const told = crashed.filter(({ id }) => {
      const { toldMs } = this.#known.get(id) as Known;
      return routed.has(id) && (toldMs === null || nowMs - toldMs >= pauseMs);
    });
    for (const { id, name, exitCode, outOfMemory } of told.slice(0, linesMax)) {
      const known = this.#known.get(id) as Known;
      this.#known.set(id, { ...known, toldMs: nowMs });
      const times = known.ends.length;
      const often = times === 1 ? '' : `, ${times} times within ${seconds(nowMs - (known.ends[0] as number))}`;
      const how = `exited with code ${exitCode}${outOfMemory ? ', out of memory' : ''}`;
      this.#log.warn(
        { container: name, exitCode, outOfMemory, times },
        `${name} ${how}${often}: see docker logs ${name}`,
      );
    }
    const left = told.length - linesMax;
    if (left > 0) this.#log.warn({ left }, 'more containers exited by themselves at the same time');
  }
}

function hasCrashed({ state, exitCode, outOfMemory, wasStopped, stopSignal }: Container): boolean {
  const ended = state === 'exited' || state === 'dead' || state === 'restarting';
  // Podman tells of no signal; most processes that obey theirs end so.
  const obeyed = exitCode === 128 + stopSignal;
  return ended && wasStopped !== true && !obeyed && (exitCode !== 0 || outOfMemory);
}

function seconds(ms: number): string {
  return durationText(Math.max(1, Math.ceil(ms / 1_000)) * 1_000);
}
