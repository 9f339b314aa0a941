/** Where a value is kept outside the label: `@/run/secrets/x` or `env:NAME`. Reading it is the business of who uses it. */
export type Ref =
  | { readonly ref: 'file'; readonly path: string }
  /** A variable of the proxy's own environment. */
  | { readonly ref: 'env'; readonly name: string };
