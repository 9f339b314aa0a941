import type { Options } from '../labels/options.ts';

/** `proxy.cors`: whose scripts may read the answers of a route, and what they may ask for. */
export interface CorsPolicy {
  /** Origins, `https://*.example.com` for all names below; null = every site. */
  readonly origins: readonly string[] | null;
  readonly methods: readonly string[];
  /** Names of request headers. */
  readonly headers: readonly string[];
  /** Cookies and passwords may be sent along; never where every site may ask. */
  readonly credentials: boolean;
  /** How long a browser keeps the answer to a preflight. */
  readonly maxAgeSeconds: number;
}

/** null = `proxy.cors` is off. */
export function corsPolicy(options: Options): CorsPolicy | null {
  const { cors } = options;
  if (cors === null) return null;
  const origins = cors.includes('*') ? null : cors;
  return {
    origins,
    methods: options['cors.methods'],
    headers: options['cors.headers'],
    credentials: options['cors.credentials'] && origins !== null,
    maxAgeSeconds: Math.floor(options['cors.maxage'] / 1000),
  };
}
