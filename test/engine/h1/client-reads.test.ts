import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientReads, kept, type ReadsOwner } from '../../../src/engine/h1/client-reads.ts';
import { fc } from '../../support/properties.ts';

/** Bytes that somebody holds, and what they must be for as long. */
interface Held {
  readonly bytes: Uint8Array;
  readonly as: Buffer;
}

const hold = (bytes: Uint8Array): Held => ({ bytes, as: Buffer.from(bytes) });
const intact = ({ bytes, as }: Held): void => assert.ok(as.equals(bytes), 'bytes in use were read over');

/** Of one read: how much stays waiting, and what the sink of a body says. */
interface Turn {
  readonly client: number;
  readonly length: number;
  readonly waits: number;
  readonly taken: boolean;
  readonly begins: boolean;
  readonly next: 'head' | 'body';
}

const noBytes: Buffer = Buffer.alloc(0);

let fill = 0;

/** A connection as `ClientConnection` behaves towards its reads, without a socket and without HTTP. */
class Played implements ReadsOwner {
  readonly reads = new ClientReads();
  readonly intake = { waiting: noBytes };
  body: { lent: boolean; owedBytes: number } | null = null;
  /** Nothing is read before the sink has done. */
  stopped = false;
  #turn: Turn | null = null;
  #held: Held[] = [];
  #waits: Held | null = null;

  constructor() {
    this.reads.owner = this;
  }

  read(turn: Turn): void {
    if (this.stopped) return turn.begins ? this.#abandon() : this.drain();
    // A request that waited for its turn may begin between two reads.
    if (!this.#lends && turn.begins) this.#begin();
    this.#turn = turn;
    const into = this.reads.buffer();
    const length = Math.min(turn.length, into.length);
    into.fill(++fill % 251, 0, length);
    this.reads.callback(length);
    this.check();
  }

  onBytes(chunk: Buffer): void {
    const { waits, taken, next } = this.#turn as Turn;
    const bytes = this.intake.waiting.length === 0 ? chunk : Buffer.concat([this.intake.waiting, chunk]);
    const at = Math.max(0, bytes.length - waits);
    this.intake.waiting = at === bytes.length ? noBytes : bytes.subarray(at);
    if (this.body !== null && this.#lends && at > 0) {
      this.body.lent = !taken;
      if (!taken) {
        this.#held.push(hold(bytes.subarray(0, at)));
        // Where this is the end of the body, the next request is read all the same.
        this.stopped = next === 'body';
      }
    }
    if (!this.#lends && next === 'body') this.#begin();
    if (next === 'head') this.#end();
    this.#waits = hold(this.intake.waiting);
  }

  get #lends(): boolean {
    return this.body !== null && this.body.owedBytes > 0;
  }

  #end(): void {
    if (this.body !== null) this.body.owedBytes = 0;
  }

  #begin(): void {
    if (this.body?.lent) this.reads.forget();
    this.body = { lent: false, owedBytes: Infinity };
    this.intake.waiting = kept(this.intake.waiting);
  }

  /** The answer came before the end of the body: nobody says any more when its bytes are free. */
  #abandon(): void {
    this.stopped = false;
    this.#end();
  }

  drain(): void {
    this.check();
    this.#held = [];
    if (this.body !== null) this.body.lent = false;
    this.stopped = false;
  }

  check(): void {
    for (const held of this.#held) intact(held);
    if (this.#waits !== null) {
      assert.ok(this.#waits.as.equals(this.intake.waiting), 'bytes that wait were read over');
      this.#waits = { ...this.#waits, bytes: this.intake.waiting };
    }
  }
}

const turn = fc.record({
  client: fc.nat(3),
  length: fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constant(64 * 1024)),
  waits: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3000) }),
  taken: fc.boolean(),
  begins: fc.boolean(),
  next: fc.constantFrom('head', 'body', 'body'),
}) as fc.Arbitrary<Turn>;

test('what waits, or is in use by a sink, is never read over, whoever reads meanwhile', () => {
  fc.assert(
    fc.property(fc.array(turn, { minLength: 40, maxLength: 80 }), (turns) => {
      const clients = [new Played(), new Played(), new Played(), new Played()];
      for (const one of turns) {
        (clients[one.client] as Played).read(one);
        for (const client of clients) client.check();
      }
    }),
    { numRuns: 200 },
  );
});

test('a tunnel whose other side has not done with a read keeps it, and small messages hold no buffer', () => {
  fc.assert(
    fc.property(fc.array(turn, { minLength: 40, maxLength: 80 }), (turns) => {
      const held: (Held | null)[] = [null, null, null, null];
      const tunnels = held.map((_, i) => {
        const reads = new ClientReads();
        reads.carry((bytes) => {
          const { taken } = current;
          // A small message is copied by whoever is given it, and waits with its copy.
          if (!taken && bytes.length > 4096) held[i] = hold(bytes);
          return taken || bytes.length <= 4096;
        });
        return reads;
      });
      let current: Turn;
      for (current of turns) {
        const { client, length } = current;
        held[client] = null;
        const reads = tunnels[client] as ClientReads;
        const into = reads.buffer();
        into.fill(++fill % 251, 0, Math.min(length, into.length));
        reads.callback(Math.min(length, into.length));
        for (const one of held) if (one !== null) intact(one);
        if (length <= 4096) assert.equal(reads.buffer(), new ClientReads().buffer());
      }
    }),
    { numRuns: 200 },
  );
});
