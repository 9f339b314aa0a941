import type { TakeRead } from '../../http/transport.ts';
import { copiedBytesMax } from '../tunnel-flow.ts';
import type { ReadInto } from './adopt.ts';
import type { IncomingBody } from './incoming-body.ts';
import type { Intake } from './intake.ts';

/** One read takes this much at most. */
const readBytes = 64 * 1024;
/** So many buffers that were in use are kept for the next that need one. */
const spareMax = 64;

/** All connections that owe nothing but heads read into this one: whatever stays of a read is copied before the next. */
const shared: Buffer = Buffer.allocUnsafeSlow(readBytes);
const spare: Buffer[] = [];

/** Who takes the bytes of a connection. */
export interface ReadsOwner {
  readonly intake: Pick<Intake, 'waiting'>;
  /** The body of the last request: its sink may need what it is given for longer than the read takes. */
  readonly body: Pick<IncomingBody, 'lent' | 'owedBytes'> | null;
  onBytes(bytes: Buffer): void;
}

/**
 * Where the reads of one client connection go. Heads go into one buffer for all: a connection that idles, as most do, holds none.
 * While a body streams the connection has a buffer of its own, because a sink may need its bytes for longer than the read takes;
 * it is given back when nobody does.
 */
export class ClientReads implements ReadInto {
  owner: ReadsOwner | null = null;
  #target: Buffer = shared;
  /** Was read into, and a sink had not done with it. */
  #lent: Buffer | null = null;
  #take: TakeRead | null = null;

  readonly buffer = (): Uint8Array => this.#target;

  readonly callback = (length: number): boolean => {
    if (this.#take !== null) return this.#carry(length, this.#take);
    const { owner } = this;
    if (owner === null) return true;
    if (this.#lent !== null && owner.body?.lent !== true) {
      giveBack(this.#lent);
      this.#lent = null;
    }
    if (this.#target === shared && owed(owner) > 0) this.#moveToOwn(length);
    owner.onBytes(this.#target.subarray(0, length));
    this.#settle(owner);
    return true;
  };

  /** What a sink that is gone may still have is the collector's. */
  forget(): void {
    this.#lent = null;
  }

  /** From now on, as the connection has become a tunnel. */
  readonly carry = (take: TakeRead): void => {
    this.#take = take;
  };

  #settle(owner: ReadsOwner): void {
    const target = this.#target;
    const waiting = kept(owner.intake.waiting);
    owner.intake.waiting = waiting;
    const owesMore = owed(owner) > waiting.length;
    if (target !== shared) {
      const lent = owner.body?.lent === true;
      const free = !lent && waiting.buffer !== target.buffer;
      if (free && owesMore) return;
      if (free) giveBack(target);
      // Of two that are lent the older is left to the collector, as is the last.
      this.#lent = owesMore && lent ? target : null;
    }
    this.#target = owesMore ? own() : shared;
  }

  #carry(length: number, take: TakeRead): boolean {
    const small = length <= copiedBytesMax;
    if (!small && this.#target === shared) this.#moveToOwn(length);
    const target = this.#target;
    const more = take(target.subarray(0, length));
    if (small && more && target !== shared) {
      giveBack(target);
      this.#target = shared;
    }
    return more;
  }

  #moveToOwn(length: number): void {
    const target = own();
    shared.copy(target, 0, 0, length);
    this.#target = target;
  }
}

function owed({ body }: ReadsOwner): number {
  return body === null ? 0 : body.owedBytes;
}

/** The bytes of a read where they may stay. */
export function kept(bytes: Buffer): Buffer {
  return bytes.buffer === shared.buffer ? Buffer.from(bytes) : bytes;
}

function own(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(readBytes);
}

function giveBack(buffer: Buffer): void {
  if (spare.length < spareMax) spare.push(buffer);
}
