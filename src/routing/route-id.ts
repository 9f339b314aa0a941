import { bracketed } from '../http/authority.ts';
import type { HostPattern } from '../labels/host-pattern.ts';
import type { PathPattern } from '../labels/path-pattern.ts';
import { type Predicate, predicateText } from '../labels/predicate.ts';

/**
 * The identity of a route: the same host, path and match give the same id whoever asks for them and in whatever order, and
 * different ones never do. `app.example.com/api method=GET`, `app.example.com=/exact`, `*.example.com//*.css`, `~^a /`.
 */
export function routeId(host: HostPattern, path: PathPattern, match: readonly Predicate[]): string {
  const place = hostText(host) + pathText(path);
  return match.length === 0 ? place : `${place} ${matchText(match)}`;
}

export function hostText(host: HostPattern): string {
  switch (host.kind) {
    case 'exact':
      return bracketed(host.name);
    case 'wildcard':
      return `*${host.suffix}`;
    case 'regex':
      // A regex may hold slashes: the space says where it ends.
      return `~${spaceless(host.source)} `;
    case 'any':
      return '*';
    default:
      return host satisfies never;
  }
}

function pathText(path: PathPattern): string {
  switch (path.kind) {
    // Normalised paths hold no spaces, and their `%2F` should be read as such.
    case 'exact':
      return `=${path.path}`;
    case 'prefix':
      return path.prefix || '/';
    case 'regex':
      return path.text.startsWith('~') ? `~${spaceless(path.source)}` : globText(path.text);
    default:
      return path satisfies never;
  }
}

/** Globs as they were written, since nobody could read their regex. `//` = at any depth: no normalised path has it. */
function globText(text: string): string {
  return spaceless(text.startsWith('/') ? text : `//${text}`);
}

/** All predicates must hold, so their order says nothing; neither does the order of methods, nor the case of a header's name. */
function matchText(match: readonly Predicate[]): string {
  const words = match.map((predicate) => spaceless(predicateText(canonical(predicate))));
  return [...new Set(words)].sort().join(' ');
}

function canonical(predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case 'method':
      return { ...predicate, methods: [...new Set(predicate.methods)].sort() };
    case 'header':
      return { ...predicate, name: predicate.name.toLowerCase() };
    case 'ip':
      return { ...predicate, cidrs: [...new Set(predicate.cidrs)].sort() };
    default:
      return predicate;
  }
}

/** Spaces part the words of an id, so none may be inside one. */
function spaceless(text: string): string {
  return text.replaceAll('%', '%25').replaceAll(' ', '%20');
}
