import type { TestContext } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { createLog } from '../../../src/base/log.ts';
import { connectRedis } from '../../../src/store/redis/redis-connection.ts';
import { RedisLink } from '../../../src/store/redis/redis-link.ts';
import type { TestRedis } from '../../support/redis.ts';

/** A link that is connected, until the test ends. */
export async function linkTo(t: TestContext, redis: TestRedis, address = redis.address): Promise<RedisLink> {
  const connect = () => connectRedis(address, systemClock);
  const log = createLog({ level: 'silent', format: 'json' });
  const link = new RedisLink({ at: 'test', connect, clock: systemClock, random: Math.random, log });
  t.after(() => link.close());
  await link.start();
  return link;
}
