import { readBytes, readTime } from '../labels/plain-value.ts';
import { orOff } from '../labels/value-reading.ts';
import type { SettingRows } from './setting-row.ts';

/** Bounds of the cache (`proxy.cache`) as a whole. */
export interface CacheSettings {
  readonly cacheBytesMax: number;
  /** 0 = an entry stays until there is no room. */
  readonly cacheInactiveMs: number;
}

export const cacheRows: SettingRows<CacheSettings> = {
  cacheBytesMax: {
    name: 'FAIRLEAD_CACHE_MAX',
    value: 'size or off',
    default: '1g',
    builtIn: () => 1024 ** 3,
    read: orOff(0, readBytes),
    help: 'size of the cache on disk, in <data>/cache; memory takes up to a quarter of it on top, and 64m per worker at most',
    example: '512m',
    active: true,
  },
  cacheInactiveMs: {
    name: 'FAIRLEAD_CACHE_INACTIVE',
    value: 'duration or off',
    default: '60m',
    builtIn: () => 3_600_000,
    read: orOff(0, readTime),
    help: 'how long an entry of the cache stays that nobody asks for',
    example: '24h',
    active: true,
  },
};
