import { readAddressFile } from './address-file.ts';
import type { AddressEntry, Options } from './options.ts';
import type { Problem } from './problem.ts';
import { ProblemList } from './problem-list.ts';
import { problemOf } from './problem-text.ts';
import type { Ref } from './ref.ts';
import type { ReadRef, RefText } from './ref-text.ts';
import type { LabelReading, RouteSpec } from './spec.ts';
import { rowOf } from './table.ts';
import { readUserFile } from './user-entries.ts';
import type { ValueReading } from './value-reading.ts';

const addressLists = ['allow', 'deny'] as const;

/** References that a reading holds and that are to be read for it. */
export function refsOf({ specs }: LabelReading): readonly Ref[] {
  return specs.flatMap(({ options }) => {
    const lists = addressLists.flatMap((key) => (options[key] ?? []).filter((entry) => typeof entry !== 'string'));
    const users = usersRef(options);
    return users === null ? lists : [...lists, users];
  });
}

/** A reading with what its references lead to in their place. What cannot be read closes its route. */
export function resolveRefs(reading: LabelReading, container: string, read: ReadRef): LabelReading {
  const problems = new ProblemList(container);
  problems.add(...reading.problems);
  const specs = reading.specs.map((spec) => {
    const resolved = new SpecResolution(spec, container, read).resolve();
    problems.add(...resolved.closedBy);
    return resolved;
  });
  return Object.freeze({ specs: Object.freeze(specs), problems: problems.list() });
}

function usersRef({ auth, 'auth.users': users }: Options): Ref | null {
  return auth.kind === 'basic' && users !== null && 'ref' in users ? users : null;
}

class SpecResolution {
  readonly #spec: RouteSpec;
  readonly #container: string;
  readonly #read: ReadRef;
  readonly #closedBy: Problem[] = [];

  constructor(spec: RouteSpec, container: string, read: ReadRef) {
    this.#spec = spec;
    this.#container = container;
    this.#read = read;
  }

  resolve(): RouteSpec {
    const { options } = this.#spec;
    const found: Partial<Record<'allow' | 'deny' | 'auth.users', unknown>> = {};
    for (const key of addressLists) {
      const entries = options[key];
      if (entries?.some((entry) => typeof entry !== 'string')) found[key] = this.#addresses(key, entries);
    }
    const users = usersRef(options);
    if (users !== null) found['auth.users'] = { entries: this.#contents('auth.users', users, readUserFile) };
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
    const found = this.#read(ref);
    const reading = 'text' in found ? parse(found.text) : unreadable(ref, found);
    if (reading.value !== undefined) return reading.value;
    const source = this.#spec.sources[key];
    const culprit = {
      container: this.#container,
      label: source?.label ?? `proxy.${key}`,
      text: source?.text ?? '',
      secret: rowOf(key).secret === true,
    };
    for (const fault of reading.faults) this.#closedBy.push(problemOf(culprit, fault));
    return [];
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
