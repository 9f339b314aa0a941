import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Container } from '../docker/container.ts';
import type { Snapshot } from '../docker/snapshot.ts';
import type { Defaults } from '../labels/defaults.ts';
import type { FileRule, FoundPages } from '../labels/find-pages.ts';
import { readLabels } from '../labels/read-labels.ts';
import type { Ref } from '../labels/ref.ts';
import type { RefText } from '../labels/ref-text.ts';
import { fileRulesOf, logFilesOf, refsOf, resolveRefs } from '../labels/resolve-refs.ts';
import type { LabelReading } from '../labels/spec.ts';
import type { Fault } from '../labels/value-reading.ts';
import { type BuiltTable, buildTable } from '../routing/build.ts';
import { compareTables, type TableDifference } from '../routing/compare.ts';
import { DraftMemory } from '../routing/draft-memory.ts';
import { Drained } from './drained.ts';
import { Lingering } from './lingering.ts';
import type { LogNames } from './log-names.ts';
import type { PageShelf } from './page-shelf.ts';
import { ProblemTeller } from './problem-teller.ts';
import type { RefReader } from './ref-reader.ts';

/** How often files that labels refer to are looked at; a change of a container looks as well. */
const lookEveryMs = 2_000;

/** What a published table has changed. */
export interface Swap {
  readonly before: BuiltTable;
  readonly difference: TableDifference;
}

/** A container's labels as they are read, and with what they refer to in its place. */
interface Read {
  readonly plain: LabelReading;
  readonly found: readonly (RefText | FoundPages | Fault | null)[];
  readonly resolved: LabelReading;
}

/**
 * From what the engines say to what the data plane serves: reads labels, builds the whole table and, where it differs from
 * the one before, publishes it under the next version with one log line.
 */
export class Publisher {
  readonly #defaults: Defaults;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #lingering: Lingering;
  readonly #publish: (built: BuiltTable, swap: Swap) => void;
  /** Unchanged containers are the same object, so their labels are read once. */
  readonly #readings = new WeakMap<Container, Read>();
  readonly #refs: RefReader;
  readonly #pages: PageShelf;
  readonly #logNames: LogNames;
  #looking: Timer | null = null;
  readonly #drafts = new DraftMemory();
  readonly #problems: ProblemTeller;
  readonly #drained = new Drained();
  #snapshot: Snapshot | null = null;
  #built: BuiltTable;

  constructor(options: {
    defaults: Defaults;
    lingerMs: number;
    clock: Clock;
    log: Log;
    refs: RefReader;
    pages: PageShelf;
    logNames: LogNames;
    publish: (built: BuiltTable, swap: Swap) => void;
  }) {
    this.#defaults = options.defaults;
    this.#log = options.log;
    this.#problems = new ProblemTeller(options.log);
    this.#clock = options.clock;
    this.#refs = options.refs;
    this.#pages = options.pages;
    this.#logNames = options.logNames;
    this.#publish = options.publish;
    this.#lingering = new Lingering({
      lingerMs: options.lingerMs,
      clock: options.clock,
      onExpiry: () => {
        if (this.#snapshot !== null) this.update(this.#snapshot);
      },
    });
    this.#built = buildTable({ version: 0, readings: [], place: { kind: 'host' }, engines: [], containers: [] });
  }

  get built(): BuiltTable {
    return this.#built;
  }

  /** The same object as before, unless a file that the labels refer to has changed. */
  read(container: Container): LabelReading {
    const before = this.#readings.get(container);
    const plain = before?.plain ?? readLabels(container, this.#defaults);
    const found = [
      ...refsOf(plain).map((ref) => this.#refs.read(ref)),
      ...fileRulesOf(plain).map((rule) => this.#pages.find(rule)),
      ...logFilesOf(plain).map((name) => this.#logNames.faultOf(name)),
    ];
    if (before !== undefined && found.every((one, at) => one === before.found[at])) return before.resolved;
    const outside = {
      read: (ref: Ref) => this.#refs.read(ref),
      find: (rule: FileRule) => this.#pages.find(rule),
      logFault: (name: string) => this.#logNames.faultOf(name),
    };
    const resolved = found.length === 0 ? plain : resolveRefs(plain, container.name, outside);
    this.#readings.set(container, { plain, found, resolved });
    return resolved;
  }

  /** At once; see `Drained`. */
  setDrained(containerId: string, drained: boolean): void {
    if (drained) this.#drained.add(containerId);
    else this.#drained.delete(containerId);
    if (this.#snapshot !== null) this.update(this.#snapshot);
  }

  update(snapshot: Snapshot): void {
    const startedMs = this.#clock.monotonic();
    this.#snapshot = snapshot;
    const containers = this.#drained.mark(this.#lingering.extend(snapshot.containers));
    const version = this.#built.table.version + 1;
    const built = buildTable(
      {
        version,
        readings: containers.map((container) => ({ container, reading: this.read(container) })),
        place: snapshot.place,
        engines: snapshot.engines,
        containers,
      },
      this.#drafts,
    );
    const before = this.#built;
    const difference = compareTables(before.table, built.table);
    const { added, removed, changed } = difference;
    const same = added.length + removed.length + changed.length === 0 && version > 1;
    // Problems may change while the routes stay; they are shown at once, but the data plane need not hear of them.
    this.#built = same ? { ...built, table: { ...built.table, version: version - 1 } } : built;
    this.#problems.tell(built.problems);
    this.#refs.sweep();
    this.#pages.sweep();
    this.#logNames.sweep();
    this.#looking ??= this.#clock.setTimeout(() => this.#look(), lookEveryMs);
    if (same) return;
    this.#publish(built, { before, difference });
    const tookMs = Math.round((this.#clock.monotonic() - startedMs) * 10) / 10;
    const shown = {
      added: cut(added),
      removed: cut(removed),
      changed: cut(changed.map(({ id, what }) => `${id} (${what})`)),
    };
    this.#log.info({ version, routes: built.table.routes.length, ...shown, tookMs }, 'table swapped');
  }

  close(): void {
    this.#looking?.cancel();
    this.#lingering.close();
  }

  #look(): void {
    this.#looking = this.#clock.setTimeout(() => this.#look(), lookEveryMs);
    // Both, as the second looks at the disk anew.
    const isOtherwise = [this.#refs.changed(), this.#pages.changed()].includes(true);
    if (this.#snapshot !== null && isOtherwise) this.update(this.#snapshot);
  }
}

/** A log line names at most this many routes of each kind. */
const namedMax = 20;

function cut(ids: readonly string[]): readonly string[] {
  return ids.length <= namedMax ? ids : [...ids.slice(0, namedMax), `and ${ids.length - namedMax} more`];
}
