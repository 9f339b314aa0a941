import type { Stored } from './stored.ts';

/** What is to go; all that is said must hold. Null = any. */
export interface PurgeRule {
  /** Lower case. */
  readonly host: string | null;
  readonly path: string | null;
  /** A path and all below it, by whole segments. */
  readonly prefix: string | null;
  readonly tag: string | null;
  /** Epoch ms: what was asked for later stays. */
  readonly beforeMs: number;
}

export function isPurgedBy({ host, path, tags, requestMs }: Stored, rule: PurgeRule): boolean {
  if (requestMs > rule.beforeMs) return false;
  if (rule.host !== null && rule.host !== host) return false;
  if (rule.path !== null && rule.path !== path) return false;
  if (rule.prefix !== null && !isBelow(path, rule.prefix)) return false;
  return rule.tag === null || tags.includes(rule.tag.toLowerCase());
}

function isBelow(path: string, prefix: string): boolean {
  const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
  return path === prefix || path.startsWith(folder);
}
