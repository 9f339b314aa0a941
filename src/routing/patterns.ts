import { hasPrefix } from '../http/target.ts';
import type { HostPattern } from '../labels/host-pattern.ts';
import type { PathPattern } from '../labels/path-pattern.ts';
import { globCharsMax, regexCharsMax } from '../labels/regex-cost.ts';
import { compileRegex } from '../labels/regex-source.ts';

/** Answers whether a host or path pattern takes a host or path; regexes are compiled when they are first asked. */
export class Patterns {
  /** As they are written. Bounded by the patterns of the table. */
  readonly #regexes = new Map<string, BoundedRegex>();

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
        return this.#test(pattern, host, () => regexCharsMax(pattern.source)) ?? false;
      default:
        return pattern satisfies never;
    }
  }

  /**
   * @param path normalised, as `readTarget` gives it; `*` is taken by the root prefix alone.
   * @returns null where the path is too long to be tried on the pattern.
   */
  takesPath(pattern: PathPattern, path: string): boolean | null {
    switch (pattern.kind) {
      case 'exact':
        return pattern.path === path;
      case 'prefix':
        return pattern.prefix === '' || hasPrefix(path, pattern.prefix);
      case 'regex':
        return this.#test(pattern, path, () => pathCharsMax(pattern));
      default:
        return pattern satisfies never;
    }
  }

  /** @returns null where the text is too long to be tried. */
  #test(pattern: WrittenRegex, text: string, charsMax: () => number): boolean | null {
    let known = this.#regexes.get(pattern.text);
    if (known === undefined) {
      known = { regex: compiled(pattern.source), charsMax: charsMax() };
      this.#regexes.set(pattern.text, known);
    }
    if (text.length > known.charsMax) return null;
    return known.regex?.test(text) ?? false;
  }
}

type WrittenRegex = { readonly text: string; readonly source: string };

interface BoundedRegex {
  /** null = it does not compile, and so matches nothing. */
  readonly regex: RegExp | null;
  readonly charsMax: number;
}

/** Paths of more characters are not tried on the pattern. */
export function pathCharsMax(pattern: PathPattern): number {
  if (pattern.kind !== 'regex') return Number.POSITIVE_INFINITY;
  return pattern.text.startsWith('~') ? regexCharsMax(pattern.source) : globCharsMax(pattern.text);
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
