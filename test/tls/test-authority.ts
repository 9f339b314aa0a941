import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** Somebody who signs certificates for tests: a root, or what another has signed. */
export interface TestAuthority {
  readonly pem: string;
  readonly keyPem: string;
  /** A leaf, or with `ca` another authority. */
  sign(options: LeafOptions): Promise<TestAuthority>;
}

export interface LeafOptions {
  readonly name?: string;
  /** DNS names and `ip:…`; undefined = no extension. */
  readonly names?: readonly string[];
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly ca?: boolean;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;
/** Within what a FakeClock begins with. */
const aroundMs = 1_800_000_000_000;

export async function testRoot(name = 'Test root'): Promise<TestAuthority> {
  return make({ name, ca: true }, null);
}

type Signer = { readonly certificate: x509.X509Certificate; readonly keys: webcrypto.CryptoKeyPair };

async function make(options: LeafOptions, signer: Signer | null): Promise<TestAuthority> {
  const { name = 'leaf', names, fromMs = aroundMs - dayMs, toMs = aroundMs + 90 * dayMs, ca = false } = options;
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [name] }],
    issuer: signer?.certificate.subjectName.toJSON() ?? [{ CN: [name] }],
    notBefore: new Date(fromMs),
    notAfter: new Date(toMs),
    publicKey: keys.publicKey,
    signingKey: (signer?.keys ?? keys).privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(ca, undefined, true),
      ...(names === undefined ? [] : [new x509.SubjectAlternativeNameExtension(names.map(alternativeName))]),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return {
    pem: `${certificate.toString('pem')}\n`,
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    sign: (leaf) => make(leaf, { certificate, keys }),
  };
}

function alternativeName(name: string): { type: 'dns' | 'ip'; value: string } {
  return name.startsWith('ip:') ? { type: 'ip', value: name.slice(3) } : { type: 'dns', value: name };
}
