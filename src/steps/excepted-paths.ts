import type { PathPattern } from '../labels/path-pattern.ts';
import { Patterns } from '../routing/patterns.ts';

/** What some backends read as a slash, a backslash, a percent sign or the directory above, although we do not. */
const ambiguous = /%2f|%5c|%25|\.\.;/i;

/**
 * `proxy.auth.except`: whether a path needs no password. One that a backend could read as another path always does: in
 * `/public/..%2Fadmin` we see something public, and others do not.
 */
export function exceptedPaths(except: readonly PathPattern[]): (path: string) => boolean {
  const patterns = new Patterns();
  return (path) => except.some((pattern) => patterns.takesPath(pattern, path) === true) && !ambiguous.test(path);
}
