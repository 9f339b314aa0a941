import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A way to an engine's socket that a test opens and shuts: for the proxy the engine comes and goes. */
export class Relay {
  /** `unix:///…`, as FAIRLEAD_DOCKER takes it. */
  readonly endpoint: string;
  readonly #path: string;
  readonly #target: string;
  readonly #open = new Set<Socket>();
  #server: Server | null = null;

  /** Shut at first: the socket is not there. */
  constructor(t: TestContext, target: string) {
    const dir = mkdtempSync(join(tmpdir(), 'fl-relay-'));
    this.#path = join(dir, 'docker.sock');
    this.#target = target;
    this.endpoint = `unix://${this.#path}`;
    t.after(async () => {
      await this.shut();
      rmSync(dir, { recursive: true, force: true });
    });
  }

  async open(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(this.#target);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#open.add(one);
        one
          .on('error', () => {})
          .on('close', () => {
            this.#open.delete(one);
            other.destroy();
          });
        one.pipe(other);
      }
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#path, resolve));
  }

  /** Cuts all connections, and takes the socket away. */
  async shut(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }
}
