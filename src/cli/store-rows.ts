import { bad, good } from '../labels/value-reading.ts';
import { type RedisAddress, readRedisAddress } from '../store/redis/redis-address.ts';
import type { SettingRows } from './setting-row.ts';

export interface StoreSettings {
  /** null = nothing is shared with other proxies. */
  readonly store: RedisAddress | null;
}

export const storeRows: SettingRows<StoreSettings> = {
  store: {
    name: 'FAIRLEAD_STORE',
    value: '`redis://[[user]:password@]host[:port][/database]` or `rediss://…`',
    default: 'embedded, in the data directory',
    builtIn: () => null,
    read(text) {
      const address = readRedisAddress(text);
      return address === null ? bad('an address such as redis://redis:6379') : good(address);
    },
    help: 'a Redis through which several proxies share certificates, ACME challenges, rate limits and purges of the cache (docs/store.md)',
    example: 'redis://redis:6379',
    active: true,
    secret: true,
  },
};
