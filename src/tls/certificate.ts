import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { certificateNames } from './certificate-names.ts';
import { orderChain } from './chain-order.ts';
import { certificateBlocks, isCutShort, keyBlock } from './pem-blocks.ts';
import { browserRoots } from './root-list.ts';

/** A certificate with its key, ready to be shown. Plain data. */
export interface Certificate {
  /** SHA-256 of the leaf, hexadecimal. */
  readonly id: string;
  /** PEM; the leaf first. */
  readonly chainPem: string;
  readonly keyPem: string;
  /** Subject alternative names, lower case: DNS names, `*.example.com`, IP addresses. */
  readonly names: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Common name of who signed it, for people. */
  readonly issuer: string;
  /** Its chain ends at an authority that browsers know: only then may a client be told to insist on HTTPS (HSTS). */
  readonly trusted: boolean;
}

export type CertificateReading =
  | { readonly ok: true; readonly certificate: Certificate }
  /** What is wrong, as half a sentence for people. */
  | { readonly ok: false; readonly fault: string };

const pemCharsMax = 262_144;
const chainMax = 20;

/**
 * Reads PEM texts as people and issuers leave them: in any order, with words between the blocks. Certificates that are not of
 * the leaf's chain are dropped. Not yet valid or expired is no fault: who shows it decides, by the times.
 *
 * @param nowMs when the issuers must be valid for `trusted`, epoch ms.
 */
export function readCertificate(from: { chainPem: string; keyPem: string; nowMs: number }): CertificateReading {
  try {
    return { ok: true, certificate: read(from) };
  } catch (error) {
    if (error instanceof Fault) return { ok: false, fault: error.message };
    throw error;
  }
}

class Fault extends Error {}

function read({ chainPem, keyPem, nowMs }: { chainPem: string; keyPem: string; nowMs: number }): Certificate {
  if (chainPem.length > pemCharsMax || keyPem.length > pemCharsMax)
    throw new Fault(`the file is larger than the ${pemCharsMax / 1024} KiB that a chain may have`);
  const all = parsedCertificates(chainPem);
  const key = parsedKey(keyPem);
  const leaf = all.find((certificate) => certificate.checkPrivateKey(key));
  if (leaf === undefined)
    throw new Fault(
      `the key does not belong to the certificate (${all[0]?.subject.replaceAll('\n', ', ') || 'no subject'})`,
    );
  const chain = orderChain(leaf, all);
  const pems = {
    chainPem: chain.map((certificate) => certificate.toString()).join(''),
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  refuseUnusable(pems);
  return {
    id: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    ...pems,
    names: certificateNames(leaf),
    notBeforeMs: leaf.validFromDate.getTime(),
    notAfterMs: leaf.validToDate.getTime(),
    issuer: signerName(leaf),
    trusted: browserRoots().trusts(chain, nowMs),
  };
}

function parsedCertificates(pem: string): readonly X509Certificate[] {
  const blocks = certificateBlocks(pem);
  if (blocks.length === 0) throw new Fault('there is no certificate in it (no line -----BEGIN CERTIFICATE-----)');
  if (isCutShort(pem)) throw new Fault('the file is cut short: its last block has no end');
  if (blocks.length > chainMax)
    throw new Fault(`it holds ${blocks.length} certificates; a chain has at most ${chainMax}`);
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new Fault(`certificate ${index + 1} of ${blocks.length} is damaged`);
    }
  });
}

function parsedKey(pem: string): KeyObject {
  const block = keyBlock(pem);
  if (block === null) throw new Fault('there is no private key in it (no line -----BEGIN PRIVATE KEY-----)');
  if (block.includes('ENCRYPTED'))
    throw new Fault('the key is locked with a passphrase; store it without one, as 0600');
  try {
    return createPrivateKey(block);
  } catch {
    throw new Fault('the private key is damaged, or cut short');
  }
}

/** OpenSSL has its own mind about what is too weak; a worker must not be the first to hear of it. */
function refuseUnusable({ chainPem, keyPem }: { chainPem: string; keyPem: string }): void {
  try {
    createSecureContext({ cert: chainPem, key: keyPem });
  } catch (error) {
    const { reason, message } = error as Error & { reason?: string };
    throw new Fault(`OpenSSL does not accept it: ${reason ?? message}`);
  }
}

function signerName(leaf: X509Certificate): string {
  // The types promise text; of a name that stands there twice it is a list.
  const issuer = leaf.toLegacyObject().issuer as unknown as Record<string, string | readonly string[]>;
  return [issuer.CN ?? issuer.O ?? leaf.issuer].flat()[0] ?? '';
}
