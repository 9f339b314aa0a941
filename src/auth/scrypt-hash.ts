import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Work and memory (128 · 2^log2N · r bytes) of one hash; RFC 7914. */
interface Cost {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}

/** 16 MiB and some 40 ms: about what bcrypt costs at 9, and no reason to keep a site from many sign-ins. */
const usualCost: Cost = { log2N: 14, r: 8, p: 1 };
const saltBytes = 16;
const hashBytes = 32;

/**
 * `{SCRYPT}14.8.1.<salt>.<hash>`: log₂ N, r, p, and base64url. Made of letters, digits, braces, dots, `-` and `_`, it is the
 * same to a shell, to YAML, to compose and in a list with commas.
 */
export async function scryptHash(password: string, salt = randomBytes(saltBytes)): Promise<string> {
  const { log2N, r, p } = usualCost;
  const hash = await derive(password, salt, hashBytes, usualCost);
  return `{SCRYPT}${[log2N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('.')}`;
}

/** @param hash as `scryptHash` writes it. */
export async function isScryptOf(password: string, hash: string): Promise<boolean> {
  const [log2N, r, p, salt = '', wanted = ''] = hash.slice('{SCRYPT}'.length).split('.');
  const expected = Buffer.from(wanted, 'base64url');
  const cost = { log2N: Number(log2N), r: Number(r), p: Number(p) };
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64url'), expected.length, cost), expected);
}

/** In a thread of the pool. */
function derive(password: string, salt: Buffer, bytes: number, { log2N, r, p }: Cost): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const options = { N: 2 ** log2N, r, p, maxmem: 256 * r * 2 ** log2N };
  scrypt(password, salt, bytes, options, (error, hash) => {
    if (error === null) resolve(hash);
    else reject(error);
  });
  return promise;
}
