import type { BodySink } from '../http/transport.ts';

/** A body on its way to one client. */
export interface Sending {
  /** Nothing more is wanted; the sink is left as it is. */
  stop(): void;
}

/** The body of a kept answer, for as many as want it. */
export interface StoredBody {
  /** null while it still comes and nobody has said how long it is. */
  readonly bytes: number | null;
  /** Somebody more may want it; each who does says `release` once. Whoever found it is the first. */
  retain(): void;
  release(): void;
  /** Pushes the bytes from `from` up to `to` (null = to the end) into the sink and ends it, or aborts it where they cannot be had. */
  send(sink: BodySink, from: number, to: number | null): Sending;
}
