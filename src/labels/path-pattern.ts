/** One entry of `proxy.path`, matched against the normalised path (see http/target.ts), case-sensitive. */
export type PathPattern =
  /** `/api`: that path and everything below it, by whole segments; `/` matches all. `prefix` has no trailing slash, '' for `/`. */
  | { readonly kind: 'prefix'; readonly text: string; readonly prefix: string }
  | { readonly kind: 'exact'; readonly text: string; readonly path: string }
  /** `~regex`, and globs such as `*.{js,css}` compiled to one; `source` is without the tilde. */
  | { readonly kind: 'regex'; readonly text: string; readonly source: string };
