import { type Directive, wordsOf } from './caddy-tree.ts';
import type { RouteDraft } from './translation.ts';

/** What a matcher asks of a request, added to a route. */
export type Condition = Pick<RouteDraft, 'hosts' | 'paths' | 'match'>;

/** `/api/*` → `/api`; `/api` is that path alone. */
export function caddyPath(path: string): string {
  if (path === '*' || path === '/*') return '/';
  if (path.endsWith('/*')) return path.slice(0, -2);
  if (path.includes('*')) return path;
  return `=${path}`;
}

/** A named matcher: `@api`, its sets beside its name or in its block. null where some of it has no label. */
export function readMatcher({ args, block }: Directive): Condition | null {
  const condition: Condition = { hosts: [], paths: [], match: [] };
  const [first, ...rest] = wordsOf(args);
  const sets: [string, string[]][] = block.map(({ name, args: inner }) => [name, wordsOf(inner)]);
  if (first !== undefined) sets.push([first, rest]);
  return sets.every(([name, words]) => addSet(name, words, condition)) && sets.length > 0 ? condition : null;
}

function addSet(name: string, words: readonly string[], { hosts, paths, match }: Condition): boolean {
  const [first = '', second] = words;
  switch (name) {
    case 'path':
      return paths.length === 0 && paths.push(...words.map(caddyPath)) > 0;
    case 'path_regexp':
      return paths.length === 0 && paths.push(`~${words.at(-1) ?? ''}`) > 0;
    case 'host':
      return hosts.length === 0 && hosts.push(...words) > 0;
    case 'method':
      return match.push(`method=${words.join(',')}`) > 0;
    case 'header':
      return second === undefined || second === '*'
        ? match.push(`header:${first}`) > 0
        : !second.includes('*') &&
            match.push(/\s/.test(second) ? `header:${first}="${second}"` : `header:${first}=${second}`) > 0;
    case 'query':
      return words.length === 1 && !first.includes('*') && match.push(`query:${first}`) > 0;
    case 'remote_ip':
    case 'client_ip':
      return match.push(`ip=${words.map((word) => (word === 'private_ranges' ? 'private' : word)).join(',')}`) > 0;
    default:
      return false;
  }
}
