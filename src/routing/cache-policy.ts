import type { Options } from '../labels/options.ts';
import type { CachePolicy } from './table.ts';

/** As `proxy.cache.stale` is where nobody sets it: nobody is shown something old unless the backend fails. */
const failureStaleMs = 86_400_000;

/** What `proxy.cache` and its sub-options ask for; null = nothing is kept. */
export function cachePolicy(options: Options): CachePolicy | null {
  const { cache } = options;
  if (cache.kind === 'off') return null;
  const stale = options['cache.stale'];
  return {
    assetsOnly: cache.kind === 'assets',
    ttlMs: cache.ttlMs,
    force: options['cache.force'],
    staleIfErrorMs: stale ?? failureStaleMs,
    staleWhileRevalidateMs: stale ?? 0,
    statuses: options['cache.status'],
    methods: options['cache.methods'],
    key: options['cache.key'],
    bypass: options['cache.bypass'],
    identityHeaders: options.auth.kind === 'off' ? [] : options['auth.headers'].map((name) => name.toLowerCase()),
    bodyBytesMax: options['cache.max'],
    browserMs: options['cache.browser'],
  };
}
