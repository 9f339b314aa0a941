import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Bytes of the digest that make four characters each, the lowest first; the last byte makes two. */
const order = [
  [12, 6, 0],
  [13, 7, 1],
  [14, 8, 2],
  [15, 9, 3],
  [5, 10, 4],
] as const;

const rounds = 1_000;
/** A millisecond and a half in one go would hold up everybody else. */
const roundsPerTurn = 100;

/** Apache's MD5 (`$apr1$`), as apr_md5.c has it: the 22 characters behind the salt. Needs several turns of the event loop. */
export async function apr1(password: string, salt: string): Promise<string> {
  const secret = Buffer.from(password);
  const spice = Buffer.from(salt);
  let digest = md5([secret, Buffer.from('$apr1$'), spice, ...tail(secret, md5([secret, spice, secret]))]);
  for (let round = 0; round < rounds; round++) {
    if (round % roundsPerTurn === roundsPerTurn - 1) await setImmediate();
    const odd = (round & 1) === 1;
    digest = md5([
      odd ? secret : digest,
      ...(round % 3 === 0 ? [] : [spice]),
      ...(round % 7 === 0 ? [] : [secret]),
      odd ? digest : secret,
    ]);
  }
  return text(digest);
}

/** As much of the first digest as the password is long, then for each bit of that length a zero or the first character. */
function tail(secret: Buffer, first: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let left = secret.length; left > 0; left -= 16) parts.push(first.subarray(0, Math.min(16, left)));
  for (let bits = secret.length; bits > 0; bits >>= 1)
    parts.push((bits & 1) === 1 ? Buffer.from([0]) : secret.subarray(0, 1));
  return parts;
}

function md5(parts: readonly Buffer[]): Buffer {
  return hash('md5', Buffer.concat(parts), 'buffer');
}

function text(digest: Buffer): string {
  const byte = (at: number): number => digest[at] as number;
  const groups = order.map(([low, middle, high]) => ({
    bits: byte(low) | (byte(middle) << 8) | (byte(high) << 16),
    length: 4,
  }));
  return [...groups, { bits: byte(11), length: 2 }]
    .flatMap(({ bits, length }) => Array.from({ length }, (_, i) => alphabet[(bits >> (6 * i)) & 63]))
    .join('');
}
