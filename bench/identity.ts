import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../scripts/command.ts';

/** A certificate and its key, as PEM files beside each other: `<name>.crt`, `<name>.key`. */
export interface Identity {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Makes a key (P-256, 0600) and a certificate for one host that vouches for itself, good for 30 days. Throws without openssl. */
export async function makeIdentity(dir: string, { name, host }: { name: string; host: string }): Promise<Identity> {
  const identity = { certFile: join(dir, `${name}.crt`), keyFile: join(dir, `${name}.key`) };
  mkdirSync(dir, { recursive: true });
  const args = [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
    ...['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`],
    ...['-keyout', identity.keyFile, '-out', identity.certFile],
  ];
  await command('openssl', args, { timeoutMs: 10_000 });
  return identity;
}
