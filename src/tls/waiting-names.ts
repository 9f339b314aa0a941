import type { TlsIdentity } from '../http/transport.ts';

/** Names that are waited for at once; handshakes for more are refused. */
const namesMax = 256;
/** An issuer takes a few seconds; the deadline of the handshake itself may come sooner. */
const waitMsMax = 30_000;

interface Wait {
  readonly promise: Promise<TlsIdentity | null>;
  end(identity: TlsIdentity | null): void;
}

/** Handshakes for names whose certificate is only being ordered: all those of a name wait for one. */
export class WaitingNames {
  readonly #want: (name: string) => void;
  readonly #waits = new Map<string, Wait>();

  constructor(want: (name: string) => void) {
    this.#want = want;
  }

  /** Resolves with null when none came in time, or too many names are waited for. */
  wait(name: string): Promise<TlsIdentity | null> {
    const known = this.#waits.get(name);
    if (known !== undefined) return known.promise;
    if (this.#waits.size >= namesMax) return Promise.resolve(null);
    const { promise, resolve } = Promise.withResolvers<TlsIdentity | null>();
    const end = (identity: TlsIdentity | null): void => {
      clearTimeout(timer);
      this.#waits.delete(name);
      resolve(identity);
    };
    const timer = setTimeout(() => end(null), waitMsMax);
    this.#waits.set(name, { promise, end });
    this.#want(name);
    return promise;
  }

  settle(find: (name: string) => TlsIdentity | null): void {
    for (const [name, wait] of [...this.#waits]) {
      const identity = find(name);
      if (identity !== null) wait.end(identity);
    }
  }

  close(): void {
    for (const wait of [...this.#waits.values()]) wait.end(null);
  }
}
