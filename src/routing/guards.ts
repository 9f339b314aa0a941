import type { AddressEntry, Options } from '../labels/options.ts';

/** What protects a route: plain data, with all references resolved. */
export interface Guards {
  /** CIDRs of those that may come; null = everybody. */
  readonly allow: readonly string[] | null;
  /** CIDRs of those that may not, `allow` notwithstanding; empty = nobody. */
  readonly deny: readonly string[];
  /** Largest request body, in bytes; null = any. */
  readonly bodyBytesMax: number | null;
}

export const noGuards: Guards = { allow: null, deny: [], bodyBytesMax: null };

/** A reference that nobody has resolved lets nobody in: whoever could not read it has closed the route already. */
export function guardsOf(options: Options): Guards {
  const { allow, deny, maxbody } = options;
  return {
    allow: allow === null ? null : allow.filter(isCidr),
    deny: deny === null ? [] : deny.every(isCidr) ? deny : everybody,
    bodyBytesMax: maxbody,
  };
}

const everybody: readonly string[] = ['0.0.0.0/0', '::/0'];

function isCidr(entry: AddressEntry): entry is string {
  return typeof entry === 'string';
}
