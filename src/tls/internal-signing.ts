import { createHash, createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { localNameConstraints } from './local-names.ts';

/** A certificate and its key, as PEM. */
export interface KeyPair {
  readonly chainPem: string;
  readonly keyPem: string;
}

/** Epoch ms. */
export interface Validity {
  readonly fromMs: number;
  readonly toMs: number;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const nameConstraintsOid = '2.5.29.30';
/** RFC 5280 appendix A: ub-common-name. */
const commonNameCharsMax = 64;

/** A fresh P-256 key, PKCS#8. */
export async function freshKeyPem(): Promise<string> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

/**
 * A root for a key. With `local` it can vouch for local names only, so that nobody who trusts it hands over the whole internet.
 * Its name is made from the key: a renewed root has the old one's, and two proxies never the same.
 */
export async function signRoot(
  keyPem: string,
  { local, validity }: { local: boolean; validity: Validity },
): Promise<KeyPair> {
  const x509 = await loadX509();
  const keys = await importKeys(keyPem);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ O: ['Fairlead'] }, { CN: [`Fairlead ${local ? 'local' : 'internal'} root ${keyId(keyPem)}`] }],
    ...dates(validity),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(local ? [new x509.Extension(nameConstraintsOid, true, localNameConstraints())] : []),
    ],
  });
  return { chainPem: certificate.toString('pem'), keyPem };
}

/** A certificate for servers with a key of its own. */
export async function signLeaf(
  root: KeyPair,
  { names, validity }: { names: readonly string[]; validity: Validity },
): Promise<KeyPair> {
  const x509 = await loadX509();
  const keyPem = await freshKeyPem();
  const [keys, rootKeys] = [await importKeys(keyPem), await importKeys(root.keyPem)];
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [commonName(names)] }],
    issuer: new x509.X509Certificate(root.chainPem).subjectName,
    ...dates(validity),
    publicKey: keys.publicKey,
    signingKey: rootKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }) as const),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(rootKeys.publicKey),
    ],
  });
  return { chainPem: certificate.toString('pem'), keyPem };
}

/** For people only. An address would not do: OpenSSL holds it against the names that the root may vouch for. */
function commonName(names: readonly string[]): string {
  return names.find((name) => isIP(name) === 0 && name.length <= commonNameCharsMax) ?? 'Fairlead';
}

/** When it is first needed: it takes a tenth of a second to load, and many proxies never sign anything. */
async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

async function importKeys(keyPem: string): Promise<webcrypto.CryptoKeyPair> {
  const key = createPrivateKey(keyPem);
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return {
    privateKey: await webcrypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), algorithm, false, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', new Uint8Array(spki), algorithm, true, ['verify']),
  };
}

function keyId(keyPem: string): string {
  const spki = createPublicKey(createPrivateKey(keyPem)).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 8);
}

function dates({ fromMs, toMs }: Validity): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(fromMs), notAfter: new Date(toMs) };
}
