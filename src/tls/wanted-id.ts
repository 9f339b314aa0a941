import { createHash } from 'node:crypto';
import type { CertificateSource } from './wanted.ts';

/**
 * The identity of a wanted certificate: `acme:app.example.com`, `acme@zerossl:a.example.com+2:1f3a…` (two more names, and a hash
 * of all), `internal:app.local`, `file:wildcard`. Challenges are no part of it: another way to prove the same names makes no
 * other certificate.
 *
 * @param names sorted.
 */
export function wantedId(source: CertificateSource, names: readonly string[]): string {
  if (source.kind === 'file') return `file:${source.name}`;
  const first = `${sourceText(source)}:${names[0] ?? ''}`;
  if (names.length < 2) return first;
  const hash = createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 16);
  return `${first}+${names.length - 1}:${hash}`;
}

/** Certificates of the same text come from the same place. */
export function sourceText(source: CertificateSource): string {
  switch (source.kind) {
    case 'acme':
      return source.issuer === null ? 'acme' : `acme@${source.issuer}`;
    case 'file':
      return `file:${source.name}`;
    case 'internal':
    case 'none':
      return source.kind;
    default:
      return source satisfies never;
  }
}
