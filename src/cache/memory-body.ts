import type { BodySink } from '../http/transport.ts';
import type { Sending, StoredBody } from './stored-body.ts';

/** A sink that is slow gets no more at a time, so that what it was given is soon over. */
const chunkBytes = 64 * 1024;

/** A body in memory; its bytes never change. */
export class MemoryBody implements StoredBody {
  readonly content: Uint8Array;

  constructor(content: Uint8Array) {
    this.content = content;
  }

  get bytes(): number {
    return this.content.length;
  }

  retain(): void {}

  release(): void {}

  send(sink: BodySink, from: number, to: number | null): Sending {
    const end = to ?? this.content.length;
    let at = from;
    let stopped = false;
    const pump = (): void => {
      while (!stopped && at < end) {
        const next = Math.min(at + chunkBytes, end);
        const chunk = this.content.subarray(at, next);
        at = next;
        if (!sink.write(chunk)) return;
      }
      if (stopped) return;
      stopped = true;
      sink.onDrain = null;
      sink.end();
    };
    sink.onDrain = pump;
    pump();
    return {
      stop() {
        stopped = true;
      },
    };
  }
}
