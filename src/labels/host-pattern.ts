/** One entry of `proxy.host`. `text` is how it is shown; names are lower case, IDN already in its ASCII form, no trailing dot. */
export type HostPattern =
  | { readonly kind: 'exact'; readonly text: string; readonly name: string }
  /** `*.example.com`: any number of labels in front; `suffix` is `.example.com`. */
  | { readonly kind: 'wildcard'; readonly text: string; readonly suffix: string }
  /** `~regex`, matched against the lower-case host without port; `source` is without the tilde. */
  | { readonly kind: 'regex'; readonly text: string; readonly source: string }
  | { readonly kind: 'any'; readonly text: '*' };
