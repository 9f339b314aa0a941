import { bad, good, type ValueReading } from './value-reading.ts';

/** Where a value is kept outside the label: `@/run/secrets/x` or `env:NAME`. Reading it is the business of who uses it. */
export type Ref =
  | { readonly ref: 'file'; readonly path: string }
  /** A variable of the proxy's own environment. */
  | { readonly ref: 'env'; readonly name: string };

export function isRef(text: string): boolean {
  return text.startsWith('@') || /^env:/i.test(text);
}

export function readRef(text: string): ValueReading<Ref> {
  const name = /^env:([A-Za-z_][A-Za-z0-9_]*)$/i.exec(text)?.[1];
  if (name !== undefined) return good({ ref: 'env', name });
  const path = /^@(\/.*)$/s.exec(text)?.[1];
  if (path !== undefined && !/(^|\/)\.\.(\/|$)/.test(path)) return good({ ref: 'file', path });
  return bad('a file such as @/run/secrets/users (an absolute path, readable by the proxy), or env:NAME');
}
