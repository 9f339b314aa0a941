/** One word of `proxy.match`; all of them must hold. `value` null = must only be present. */
export type Predicate =
  | { readonly kind: 'method'; readonly methods: readonly string[] }
  | { readonly kind: 'header'; readonly name: string; readonly value: string | null }
  | { readonly kind: 'query'; readonly name: string; readonly value: string | null }
  | { readonly kind: 'cookie'; readonly name: string; readonly value: string | null }
  /** CIDRs; the real client address. */
  | { readonly kind: 'ip'; readonly cidrs: readonly string[] };

/** One line, as the label would say it: `header:X-Canary=1`. */
export function predicateText(predicate: Predicate): string {
  switch (predicate.kind) {
    case 'method':
      return `method=${predicate.methods.join(',')}`;
    case 'ip':
      return `ip=${predicate.cidrs.join(',')}`;
    default:
      return `${predicate.kind}:${predicate.name}${predicate.value === null ? '' : `=${predicate.value}`}`;
  }
}
