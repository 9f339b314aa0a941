/** A directive with its arguments, and what stands in its block. */
export interface Directive {
  readonly name: string;
  /** As written, `{{upstreams}}` included; '' where there are none. */
  args: string;
  /** The label; that of the first part of its block where it has none itself. */
  readonly about: string;
  readonly block: Directive[];
}

/**
 * Sites out of `caddy`, `caddy_1`, …, each a directive of which the arguments are the addresses. `caddy.1_handle.0_header`
 * has numbers before or behind its words, to order them or to tell them apart.
 */
export function readCaddyLabels(labels: Readonly<Record<string, string>>): Directive[] {
  const sites = new Map<string, Directive>();
  const blocks = new Map<Directive, Map<string, Directive>>();
  for (const [key, text] of Object.entries(labels)) {
    const about = key.trim();
    const segments = about.split('.');
    if (!/^caddy(_\d+)?$/.test(segments[0] as string)) continue;
    let level = sites;
    let directive: Directive | undefined;
    for (const segment of segments) {
      const parent = directive;
      directive = level.get(segment);
      if (directive === undefined) {
        directive = { name: bareName(segment), args: '', about, block: [] };
        level.set(segment, directive);
        parent?.block.push(directive);
      }
      level = blocks.get(directive) ?? new Map();
      blocks.set(directive, level);
    }
    if (directive !== undefined) directive.args = text.trim();
  }
  return [...sites.values()];
}

function bareName(segment: string): string {
  return segment.replace(/^\d+_/, '').replace(/_\d+$/, '');
}

/** The words of arguments; quotes and backticks keep spaces, `{{…}}` is one word. */
export function wordsOf(args: string): string[] {
  const words = args.match(/\{\{[^}]*\}\}|"(?:[^"\\]|\\.)*"|`[^`]*`|(?:\{[^{}]*\}|[^\s"`])+/g) ?? [];
  return words.map((word) => (/^["`]/.test(word) ? word.slice(1, -1) : word));
}
