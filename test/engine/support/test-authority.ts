import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { TlsIdentity } from '../../../src/http/transport.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const hourMs = 3_600_000;

export interface TestCertificate {
  readonly chainPem: string;
  readonly keyPem: string;
}

/** Signs certificates that hold for two hours, for clients and for servers. */
export class TestAuthority {
  readonly pem: string;
  readonly #certificate: x509.X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;

  private constructor(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.#certificate = certificate;
    this.#keys = keys;
    this.pem = `${certificate.toString('pem')}\n`;
  }

  static async create(name = 'Test CA'): Promise<TestAuthority> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: [{ CN: [name] }],
      ...around(Date.now()),
      keys,
      signingAlgorithm: algorithm,
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    });
    return new TestAuthority(certificate, keys);
  }

  async sign(...names: string[]): Promise<TestCertificate> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      subject: [{ CN: [names[0] ?? ''] }],
      issuer: this.#certificate.subject,
      ...around(Date.now()),
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value })))],
    });
    return { chainPem: `${certificate.toString('pem')}\n`, keyPem: await pemOf(keys.privateKey) };
  }

  /** A certificate for these names, to be shown on these terms. */
  async identity(names: readonly string[], terms: Partial<TlsIdentity> = {}): Promise<TlsIdentity> {
    const certificate = await this.sign(...names);
    return {
      ...certificate,
      minVersion: '1.2',
      clientCaPem: null,
      trusted: false,
      covers: (host) => names.includes(host),
      ...terms,
    };
  }
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

function around(nowMs: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(nowMs - hourMs), notAfter: new Date(nowMs + hourMs) };
}
