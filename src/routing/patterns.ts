import { hasPrefix } from '../http/target.ts';
import type { HostPattern } from '../labels/host-pattern.ts';
import type { PathPattern } from '../labels/path-pattern.ts';
import { compileRegex } from '../labels/regex-source.ts';

/** Answers whether a host or path pattern takes a host or path; regexes are compiled when they are first asked. */
export class Patterns {
  /** By source; null for one that does not compile and so matches nothing. Bounded by the patterns of the table. */
  readonly #regexes = new Map<string, RegExp | null>();

  /** @param host as `readAuthority` gives it. */
  takesHost(pattern: HostPattern, host: string): boolean {
    switch (pattern.kind) {
      case 'any':
        return true;
      case 'exact':
        return hostKey(pattern.name) === host;
      case 'wildcard':
        return host.length > pattern.suffix.length && host.endsWith(pattern.suffix);
      case 'regex':
        return this.#test(pattern.source, host);
      default:
        return pattern satisfies never;
    }
  }

  /** @param path normalised, as `readTarget` gives it; `*` is taken by the root prefix alone. */
  takesPath(pattern: PathPattern, path: string): boolean {
    switch (pattern.kind) {
      case 'exact':
        return pattern.path === path;
      case 'prefix':
        return pattern.prefix === '' || hasPrefix(path, pattern.prefix);
      case 'regex':
        return this.#test(pattern.source, path);
      default:
        return pattern satisfies never;
    }
  }

  #test(source: string, text: string): boolean {
    let regex = this.#regexes.get(source);
    if (regex === undefined) {
      regex = compiled(source);
      this.#regexes.set(source, regex);
    }
    return regex?.test(text) ?? false;
  }
}

/** A name of `proxy.host` as `readAuthority` writes it: IPv6 without its brackets. */
export function hostKey(name: string): string {
  return name.charCodeAt(0) === 0x5b ? name.slice(1, -1) : name;
}

/** The labels room has tried it already; a table that came another way must still not stop the proxy. */
function compiled(source: string): RegExp | null {
  try {
    return compileRegex(source);
  } catch {
    return null;
  }
}
