import { createHash, createHmac, createPublicKey, verify, type webcrypto } from 'node:crypto';

/** A request of an ACME client as RFC 8555 §6.2 has it, with its parts decoded. */
export interface Jws {
  readonly header: {
    readonly alg?: string;
    readonly nonce?: string;
    readonly url?: string;
    readonly kid?: string;
    readonly jwk?: webcrypto.JsonWebKey;
  };
  /** '' with POST-as-GET. */
  readonly payload: string;
  readonly signature: Buffer;
  /** What is signed. */
  readonly signed: string;
}

export function readJws(text: string): Jws {
  const { protected: head, payload, signature } = JSON.parse(text) as Record<string, string>;
  if (head === undefined || payload === undefined || signature === undefined) throw new Error('a JWS lacks a part');
  return {
    header: JSON.parse(Buffer.from(head, 'base64url').toString()),
    payload: Buffer.from(payload, 'base64url').toString(),
    signature: Buffer.from(signature, 'base64url'),
    signed: `${head}.${payload}`,
  };
}

export function isSignedBy(jws: Jws, jwk: webcrypto.JsonWebKey): boolean {
  if (jws.header.alg !== 'ES256') return false;
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return verify('sha256', Buffer.from(jws.signed), { key, dsaEncoding: 'ieee-p1363' }, jws.signature);
}

/** @param hmacKey base64url */
export function isBoundBy(jws: Jws, hmacKey: string): boolean {
  const wanted = createHmac('sha256', Buffer.from(hmacKey, 'base64url')).update(jws.signed).digest();
  return jws.header.alg === 'HS256' && wanted.equals(jws.signature);
}

/** RFC 7638. */
export function thumbprint({ crv, kty, x, y }: webcrypto.JsonWebKey): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}
