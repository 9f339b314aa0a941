import type { HeaderList } from '../http/header-list.ts';
import { type Directives, readCacheControl } from './cache-control.ts';
import { readTargetedControl } from './targeted-control.ts';

/** What a backend says of keeping an answer. */
export interface ResponseRules {
  readonly directives: Directives;
  /** They are from CDN-Cache-Control, so that neither Cache-Control nor Expires counts (RFC 9213 §2.2). */
  readonly targeted: boolean;
}

export function readResponseRules(headers: HeaderList): ResponseRules {
  const targeted = headers.has('cdn-cache-control') ? readTargetedControl(headers.all('cdn-cache-control')) : null;
  if (targeted !== null) return { directives: targeted, targeted: true };
  return { directives: readCacheControl(headers.all('cache-control')), targeted: false };
}
