import type { DnsAccess, Issuer } from '../../src/tls/acme/issuer.ts';

/** An issuer of the settings; only what matters to the test. */
export function issuer(about: Partial<Issuer> = {}): Issuer {
  return {
    name: 'default',
    directoryUrl: 'https://acme.example.net/directory',
    stagingUrl: null,
    email: '',
    caPem: null,
    eab: null,
    profile: null,
    dns: null,
    ...about,
  };
}

export const letsEncrypt = 'https://acme-v02.api.letsencrypt.org/directory';

export const dns: DnsAccess = { kind: 'exec', command: '/usr/local/bin/set-txt' };
