import { readAddressFile } from './address-file.ts';
import { type FileRule, type FindPages, isFileRule } from './find-pages.ts';
import type { AddressEntry, ErrorPage, OptionKey, Options, StatusRange } from './options.ts';
import type { Problem } from './problem.ts';
import { ProblemList } from './problem-list.ts';
import { problemOf } from './problem-text.ts';
import type { Ref } from './ref.ts';
import type { ReadRef, RefText } from './ref-text.ts';
import type { LabelReading, RouteSpec } from './spec.ts';
import { rowOf } from './table.ts';
import { readUserFile } from './user-entries.ts';
import type { Fault, ValueReading } from './value-reading.ts';

const addressLists = ['allow', 'deny'] as const;

/** References that a reading holds and that are to be read for it. */
export function refsOf({ specs }: LabelReading): readonly Ref[] {
  return specs.flatMap(({ options }) => {
    const lists = addressLists.flatMap((key) => (options[key] ?? []).filter((entry) => typeof entry !== 'string'));
    const users = usersRef(options);
    return users === null ? lists : [...lists, users];
  });
}

/** Rules of error pages whose files are to be looked for. */
export function fileRulesOf({ specs }: LabelReading): readonly FileRule[] {
  return specs.flatMap(({ options }) => options.errors.filter(isFileRule));
}

/** Names of log files that a reading asks for. */
export function logFilesOf({ specs }: LabelReading): readonly string[] {
  return specs.flatMap(({ options }) => options['log.file'] ?? []);
}

/** What labels refer to: by whoever may touch the disk. */
export interface Outside {
  readonly read: ReadRef;
  readonly find: FindPages;
  /** Why there can be no log file of that name; null = there can. */
  readonly logFault: (name: string) => Fault | null;
}

/**
 * A reading with what its references lead to in their place. What cannot be read and protects a route closes it; a page that is
 * missing is missed, and told.
 */
export function resolveRefs(reading: LabelReading, container: string, outside: Outside): LabelReading {
  const problems = new ProblemList(container);
  problems.add(...reading.problems);
  const specs = reading.specs.map((spec) => {
    const resolution = new SpecResolution(spec, container, outside);
    const resolved = resolution.resolve();
    problems.add(...resolved.closedBy, ...resolution.missed);
    return resolved;
  });
  return Object.freeze({ ...reading, specs: Object.freeze(specs), problems: problems.list() });
}

function usersRef({ auth, 'auth.users': users }: Options): Ref | null {
  return auth.kind === 'basic' && users !== null && 'ref' in users ? users : null;
}

class SpecResolution {
  readonly #spec: RouteSpec;
  readonly #container: string;
  readonly #outside: Outside;
  readonly #closedBy: Problem[] = [];
  /** Error pages and log files. */
  readonly missed: Problem[] = [];

  constructor(spec: RouteSpec, container: string, outside: Outside) {
    this.#spec = spec;
    this.#container = container;
    this.#outside = outside;
  }

  resolve(): RouteSpec {
    const { options } = this.#spec;
    const found: Partial<Record<'allow' | 'deny' | 'auth.users' | 'errors' | 'log.file', unknown>> = {};
    for (const key of addressLists) {
      const entries = options[key];
      if (entries?.some((entry) => typeof entry !== 'string')) found[key] = this.#addresses(key, entries);
    }
    const users = usersRef(options);
    if (users !== null) found['auth.users'] = { entries: this.#contents('auth.users', users, readUserFile) };
    if (options.errors.some(isFileRule)) found.errors = this.#pages(options.errors);
    const file = options['log.file'];
    const fault = file === null ? null : this.#outside.logFault(file);
    if (fault !== null) {
      // Its lines go where all others go: better there than nowhere.
      found['log.file'] = null;
      this.missed.push(this.#problem('log.file', fault));
    }
    if (Object.keys(found).length === 0) return this.#spec;
    return Object.freeze({
      ...this.#spec,
      options: Object.freeze({ ...options, ...found }) as Options,
      closedBy: Object.freeze([...this.#spec.closedBy, ...this.#closedBy]),
    });
  }

  #addresses(key: 'allow' | 'deny', entries: readonly AddressEntry[]): readonly string[] {
    return entries.flatMap((entry) =>
      typeof entry === 'string' ? [entry] : this.#contents(key, entry, readAddressFile),
    );
  }

  #contents<T>(
    key: 'allow' | 'deny' | 'auth.users',
    ref: Ref,
    parse: (text: string) => ValueReading<readonly T[]>,
  ): readonly T[] {
    const found = this.#outside.read(ref);
    const reading = 'text' in found ? parse(found.text) : unreadable(ref, found);
    if (reading.value !== undefined) return reading.value;
    for (const fault of reading.faults) this.#closedBy.push(this.#problem(key, fault));
    return [];
  }

  /** A page that is missing must not let through what the backend says in its place: the built-in one stands behind all others. */
  #pages(rules: readonly ErrorPage[]): readonly ErrorPage[] {
    const missing: StatusRange[] = [];
    const there = rules.flatMap((rule) => {
      if (!isFileRule(rule)) return [rule];
      const found = this.#outside.find(rule);
      missing.push(...found.missing);
      for (const fault of found.faults) this.missed.push(this.#problem('errors', fault));
      return found.pages;
    });
    return missing.length === 0 ? there : [...there, { statuses: missing, source: { kind: 'builtin' } }];
  }

  #problem(key: OptionKey, fault: Fault): Problem {
    const source = this.#spec.sources[key];
    const culprit = {
      container: this.#container,
      label: source?.label ?? `proxy.${key}`,
      text: source?.text ?? '',
      secret: rowOf(key).secret === true,
    };
    return problemOf(culprit, fault);
  }
}

function unreadable(ref: Ref, { fault }: Extract<RefText, { fault: string }>): ValueReading<never> {
  return {
    faults: [
      {
        expected: `${ref.ref === 'file' ? 'a file' : 'a variable'} that the proxy can read: ${fault}; until then the route stays closed`,
      },
    ],
  };
}
