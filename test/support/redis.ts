import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freePort } from '../../scripts/demo/ports.ts';
import { ensureRedis } from '../../scripts/redis.ts';
import { systemClock } from '../../src/base/clock.ts';
import { type RedisAddress, readRedisAddress } from '../../src/store/redis/redis-address.ts';
import { connectRedis, type RedisReply } from '../../src/store/redis/redis-connection.ts';
import { ListeningProgram } from './listening-program.ts';

/** Of every server here: what tests look for where it must not be. */
export const redisPassword = 'hunter2-of-redis';

/** A Redis of the test's own at 127.0.0.1; it keeps nothing on disk and ends with the test. */
export class TestRedis {
  readonly port: number;
  readonly url: string;
  readonly #t: TestContext;
  readonly #dir: string;
  readonly #file: string;
  #program: ListeningProgram | null = null;

  /** @param running false: only its port is chosen. */
  static async start(t: TestContext, { running = true } = {}): Promise<TestRedis> {
    const dir = mkdtempSync(join(tmpdir(), 'fl-redis-'));
    t.after(() => rmSync(dir, { recursive: true, force: true }));
    const redis = new TestRedis(t, { file: await ensureRedis(), dir, port: await freePort(0) });
    if (running) await redis.run();
    return redis;
  }

  private constructor(t: TestContext, about: { readonly file: string; readonly dir: string; readonly port: number }) {
    this.#t = t;
    this.#dir = about.dir;
    this.#file = about.file;
    this.port = about.port;
    this.url = `redis://:${redisPassword}@127.0.0.1:${about.port}`;
  }

  get address(): RedisAddress {
    return readRedisAddress(this.url) as RedisAddress;
  }

  /** Starts it, or starts it again, empty, on the same port. */
  async run(): Promise<void> {
    const { port } = this;
    const words = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', this.#dir, '--requirepass', redisPassword];
    const args = [...words, '--save', '', '--appendonly', 'no'];
    this.#program = await ListeningProgram.start(this.#t, {
      name: 'redis-server',
      command: async () => ({ file: this.#file, args }),
      ready: async () => (await this.ask('PING')) === 'PONG',
    });
  }

  /** kill -9 */
  async kill(): Promise<void> {
    await this.#program?.stop();
  }

  /** SIGSTOP and SIGCONT: meanwhile it accepts connections and says nothing. */
  freeze(): void {
    process.kill(this.#program?.pid ?? 0, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.#program?.pid ?? 0, 'SIGCONT');
  }

  /** One command on a connection of its own. */
  async ask(...words: string[]): Promise<RedisReply> {
    const connection = await connectRedis(this.address, systemClock);
    try {
      return await connection.send(words);
    } finally {
      connection.destroy();
    }
  }
}
