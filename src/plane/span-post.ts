import { LineBatch } from './line-batch.ts';

/** Spans never wait for company longer than this. */
const handEveryMs = 200;
const batchBytes = 64 * 1024;
/** What the control plane has not taken yet: more is dropped, because tracing must not become everybody's memory. */
const underWayBytesMax = 4 * 1024 * 1024;

export interface SpanRelay {
  /** Each span has a comma in front of it and a line feed behind, so that batches can be joined as they are. */
  relay(bytes: Uint8Array, spans: number): void;
  dropped(spans: number): void;
}

/** The spans of one worker on their way to the control plane, which alone knows the collector. */
export class SpanPost {
  readonly #batch: LineBatch;
  readonly #handing: NodeJS.Timeout;
  #underWayBytes = 0;

  constructor(relay: SpanRelay) {
    this.#batch = new LineBatch(batchBytes, (bytes, spans) => {
      if (this.#underWayBytes + bytes.length > underWayBytesMax) return relay.dropped(spans);
      this.#underWayBytes += bytes.length;
      relay.relay(bytes, spans);
    });
    this.#handing = setInterval(() => this.#batch.hand(), handEveryMs);
    this.#handing.unref();
  }

  /** @param span JSON, ASCII, without line feeds. */
  write(span: string): void {
    this.#batch.write(`,${span}\n`);
  }

  /** The control plane has so many bytes more. */
  taken(bytes: number): void {
    this.#underWayBytes -= bytes;
  }

  /** Hands over what there is, as the last. */
  close(): void {
    clearInterval(this.#handing);
    this.#batch.hand();
  }
}
