/** When a backend is left out. */
export interface EjectionTerms {
  /** Failures that are too many; 0 = never. */
  readonly maxFails: number;
  /** Within which they count, and for how long it is left out, ms; 0 = never. */
  readonly failTimeoutMs: number;
}

/** Doubles in the block of one backend: a cache line, so that workers that count for others are not slowed down. */
export const ejectionCells = 8;

/** Two views of the same memory, and where in it the block begins, in doubles. */
export interface EjectionPlace {
  readonly doubles: Float64Array;
  readonly words: Int32Array;
  readonly head: number;
}

/** The number of the backend, when failures were counted from, until when it is left out, when it came back. */
const doubleAt = { number: 0, countedFromMs: 2, untilMs: 3, backMs: 4 } as const;
/** In words of 32 bits, between the doubles. */
const wordAt = { state: 2, fails: 3 } as const;

/** `tried`: it was left out, and a request is on its way to see whether it is well again. */
const states = { in: 0, out: 1, tried: 2 } as const;

/**
 * Whether one backend is left out because requests failed there, over all workers. Only failures of the backend itself count
 * (refused, reset, timed out, not HTTP), never what it answers. After `maxFails` of them it is out for `failTimeoutMs`; then
 * one request is let through. If that is answered the backend is in again; if it fails, or nothing is heard of it, the next
 * one goes `failTimeoutMs` later. The pause does not grow: what it costs is one request, which goes on to another backend.
 *
 * Memory is shared and nobody waits for anybody: of two workers that see the same moment both may send a request to try.
 */
export class Ejection {
  readonly number: number;
  readonly #doubles: Float64Array;
  readonly #words: Int32Array;
  readonly #head: number;
  readonly #stateAt: number;

  constructor(number: number, { doubles, words, head }: EjectionPlace) {
    this.number = number;
    this.#doubles = doubles;
    this.#words = words;
    this.#head = head;
    this.#stateAt = this.#word(wordAt.state);
  }

  /** It was left out and has not answered since. Asked several times per request, so by a plain read: it may be a moment behind. */
  get isSuspect(): boolean {
    return this.#words[this.#stateAt] !== states.in;
  }

  /** No request is to go there as long as there is another backend. */
  isOut(nowMs: number): boolean {
    return this.#state !== states.in && nowMs < this.#double(doubleAt.untilMs);
  }

  /** When it came back last; 0 = it was never out. */
  get backMs(): number {
    return this.#double(doubleAt.backMs);
  }

  /** A request goes there. */
  begin(nowMs: number, { failTimeoutMs }: EjectionTerms): void {
    if (this.#state === states.in || !this.#isOurs) return;
    this.#set(doubleAt.untilMs, nowMs + failTimeoutMs);
    this.#change(states.out, states.tried);
  }

  fail(nowMs: number, { maxFails, failTimeoutMs }: EjectionTerms): void {
    if (maxFails === 0 || failTimeoutMs === 0 || !this.#isOurs) return;
    switch (this.#state) {
      case states.in:
        if (this.#countFail(nowMs, failTimeoutMs) < maxFails) return;
        this.#set(doubleAt.untilMs, nowMs + failTimeoutMs);
        this.#change(states.in, states.out);
        break;
      case states.tried:
        this.#set(doubleAt.untilMs, nowMs + failTimeoutMs);
        this.#change(states.tried, states.out);
        break;
      default:
      // What was begun before it was left out says nothing new.
    }
  }

  succeed(nowMs: number): void {
    if (this.#state !== states.tried || !this.#isOurs) return;
    this.#set(doubleAt.backMs, nowMs);
    Atomics.store(this.#words, this.#word(wordAt.fails), 0);
    this.#change(states.tried, states.in);
  }

  /** It has been started anew, or was found to be well: what was before does not count. */
  forgive(): void {
    if (!this.#isOurs) return;
    Atomics.store(this.#words, this.#word(wordAt.fails), 0);
    Atomics.store(this.#words, this.#stateAt, states.in);
  }

  get #state(): number {
    return Atomics.load(this.#words, this.#stateAt);
  }

  /** The place has not gone to another backend. */
  get #isOurs(): boolean {
    return this.#double(doubleAt.number) === this.number;
  }

  #countFail(nowMs: number, withinMs: number): number {
    const fails = this.#word(wordAt.fails);
    if (nowMs - this.#double(doubleAt.countedFromMs) >= withinMs || Atomics.load(this.#words, fails) === 0) {
      this.#set(doubleAt.countedFromMs, nowMs);
      Atomics.store(this.#words, fails, 0);
    }
    return Atomics.add(this.#words, fails, 1) + 1;
  }

  #change(from: number, to: number): void {
    Atomics.compareExchange(this.#words, this.#stateAt, from, to);
  }

  #word(at: number): number {
    return 2 * this.#head + at;
  }

  #double(at: number): number {
    return this.#doubles[this.#head + at] as number;
  }

  #set(at: number, value: number): void {
    this.#doubles[this.#head + at] = value;
  }
}

/** The backend whose block is there was left out and has not answered since. */
export function isSuspect({ words, head }: EjectionPlace): boolean {
  return Atomics.load(words, 2 * head + wordAt.state) !== states.in;
}
