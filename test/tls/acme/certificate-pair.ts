import { execFileSync } from 'node:child_process';

/** A certificate that is signed by itself, as the alpn challenge shows one; each has a key of its own. */
export function pairFor(name: string): { readonly chainPem: string; readonly keyPem: string } {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const subject = ['-subj', `/CN=${name}`, '-days', '1', '-keyout', '-', '-out', '-'];
  const pem = execFileSync('openssl', ['req', '-x509', ...curve, ...subject], { encoding: 'utf8', stdio: 'pipe' });
  const block = (what: string) =>
    new RegExp(`-----BEGIN ${what}-----[^-]*-----END ${what}-----\n`).exec(pem)?.[0] ?? '';
  return { chainPem: block('CERTIFICATE'), keyPem: block('PRIVATE KEY') };
}
