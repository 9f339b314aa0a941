import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../../base/durable-file.ts';
import { everything, ruleOf, type SharedRule } from './purge-script.ts';

/** What outlives the process: the cache on disk does too. */
export interface PurgeState {
  /** Id of the purge that was carried out last; '' = none, or nobody knows. */
  readonly seen: string;
  /** Purges of our own that the others have not been told of. */
  readonly untold: readonly SharedRule[];
}

const untoldMax = 1_000;
const idPattern = /^(?:\d{1,20}-\d{1,20})?$/;

/** `<dataDir>/purges.json`. One that cannot be written costs what a restart meanwhile costs: everything is dropped once. */
export class PurgeMemory {
  readonly #path: string;
  readonly #onFault: (error: unknown) => void;
  #state: PurgeState;

  constructor(dataDir: string, onFault: (error: unknown) => void) {
    this.#path = join(dataDir, 'purges.json');
    this.#onFault = onFault;
    this.#state = stateOf(this.#path);
  }

  get state(): PurgeState {
    return this.#state;
  }

  see(id: string): void {
    if (id !== this.#state.seen) this.#keep({ ...this.#state, seen: id });
  }

  /** Beyond a thousand they become one that drops everything. */
  add(rule: SharedRule): void {
    const untold = [...this.#state.untold, rule];
    this.#keep({ ...this.#state, untold: untold.length > untoldMax ? [everything] : untold });
  }

  /** @param rule the first of those that were untold. */
  told(rule: SharedRule): void {
    this.#keep({ ...this.#state, untold: this.#state.untold.filter((other) => other !== rule) });
  }

  #keep(state: PurgeState): void {
    this.#state = state;
    try {
      writeDurably(this.#path, `${JSON.stringify(state)}\n`);
    } catch (error) {
      this.#onFault(error);
    }
  }
}

function stateOf(path: string): PurgeState {
  try {
    const { seen, untold } = JSON.parse(readFileSync(path, 'utf8')) as Record<keyof PurgeState, unknown>;
    const rules = Array.isArray(untold) ? untold.map((one) => ruleOf(JSON.stringify(one))) : [];
    return {
      seen: typeof seen === 'string' && idPattern.test(seen) ? seen : '',
      untold: rules.filter((one) => one !== null).slice(0, untoldMax),
    };
  } catch {
    return { seen: '', untold: [] };
  }
}
