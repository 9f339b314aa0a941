import type { OptionKey, Options } from '../labels/options.ts';
import type { SecurityHeader } from './table.ts';

const names = {
  'security.frame': 'X-Frame-Options',
  'security.nosniff': 'X-Content-Type-Options',
  'security.xss': 'X-XSS-Protection',
  'security.referrer': 'Referrer-Policy',
  'security.permissions': 'Permissions-Policy',
  'security.csp': 'Content-Security-Policy',
  'security.hsts': 'Strict-Transport-Security',
} as const satisfies Partial<Record<OptionKey, string>>;

/** What `proxy.security` puts on every response; empty where it is off. */
export function securityHeaders(options: Options): readonly SecurityHeader[] {
  if (!options.security) return [];
  return (Object.keys(names) as (keyof typeof names)[]).flatMap((key) => {
    const value = options[key];
    return value === false ? [] : [{ name: names[key], value, hsts: key === 'security.hsts' }];
  });
}
