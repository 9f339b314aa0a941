import type { HeaderList } from '../http/header-list.ts';
import type { CachePolicy } from '../routing/table.ts';

/** A request as the cache sees it. */
export interface CacheRequest {
  readonly method: string;
  /** As they go to the backend: what it varies on is what it saw. */
  readonly headers: HeaderList;
  readonly key: string;
  readonly route: string;
  /** Lower case, without port. */
  readonly host: string;
  /** Normalised, as routes are matched on. */
  readonly path: string;
  readonly policy: CachePolicy;
}
