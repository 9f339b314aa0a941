import { hash as digest, timingSafeEqual } from 'node:crypto';
import { apr1 } from './apr1.ts';
import { isScryptOf } from './scrypt-hash.ts';

/**
 * Whether a password is that of an htpasswd hash: bcrypt, apr1, {SHA} or {SCRYPT}. Takes as long whatever the answer, and does
 * its work off the event loop, or little by little.
 *
 * @param hash in a form that the labels room lets through; of any other no password is the right one.
 */
export async function isPasswordOf(password: string, hash: string): Promise<boolean> {
  if (hash.startsWith('{SCRYPT}')) return isScryptOf(password, hash);
  if (hash.startsWith('{SHA}')) return isEqual(hash.slice(5), digest('sha1', password, 'base64'));
  if (hash.startsWith('$apr1$')) {
    const [, , salt = '', wanted = ''] = hash.split('$');
    return isEqual(wanted, await apr1(password, salt));
  }
  if (!/^\$2[abxy]\$/.test(hash)) return false;
  // Only who has such an entry needs the native module.
  const { verify } = await import('@node-rs/bcrypt');
  return verify(password, hash);
}

function isEqual(wanted: string, found: string): boolean {
  const [a, b] = [Buffer.from(wanted), Buffer.from(found)];
  return a.length === b.length && timingSafeEqual(a, b);
}
