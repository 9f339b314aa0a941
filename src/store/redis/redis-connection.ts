import type { Clock } from '../../base/clock.ts';
import type { RedisAddress } from './redis-address.ts';

export type RedisReply = string | number | null | readonly RedisReply[];

/** One connection, from its beginning to its end. */
export interface RedisConnection {
  /** Rejects with what the server says, and where the connection ends before it has said something. */
  send(words: readonly string[]): Promise<RedisReply>;
  /** Whatever is under way is rejected. */
  destroy(): void;
  /** It was lost, whoever has ended it. */
  readonly ended: Promise<void>;
}

/** Name, TCP, TLS and password in all. */
const connectMsMax = 3_000;
/** Commands under way at once. */
const commandsMax = 20_000;

/** @throws whatever keeps it from coming about. */
export async function connectRedis(address: RedisAddress, clock: Pick<Clock, 'setTimeout'>): Promise<RedisConnection> {
  const { host, port, tls, username, password, database } = address;
  // Only now: most proxies have no use for it.
  const { createClient } = await import('@redis/client');
  const ended = Promise.withResolvers<void>();
  const client = createClient({
    RESP: 2,
    // We connect again ourselves, and what cannot be sent now is not sent later.
    socket: {
      host,
      port,
      reconnectStrategy: false,
      connectTimeout: connectMsMax,
      ...(tls ? { tls: true as const } : {}),
    },
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    database,
    disableOfflineQueue: true,
    commandsQueueMaxLength: commandsMax,
    disableClientInfo: true,
    maintNotifications: 'disabled',
  });
  let lost: unknown = null;
  client.on('error', (error: unknown) => {
    lost ??= error;
    ended.resolve();
  });
  client.on('end', () => ended.resolve());
  const destroy = (): void => {
    if (client.isOpen) client.destroy();
    ended.resolve();
  };
  // A server that was stopped accepts connections and says nothing.
  const timer = clock.setTimeout(() => {
    lost ??= Object.assign(new Error('it does not answer'), { code: 'ETIMEDOUT' });
    destroy();
  }, connectMsMax);
  try {
    await client.connect();
  } catch (error) {
    destroy();
    throw lost ?? error;
  } finally {
    timer.cancel();
  }
  return {
    send: (words) => client.sendCommand<RedisReply>([...words]),
    destroy,
    ended: ended.promise,
  };
}
