import { randomInt } from 'node:crypto';

/** An address of this machine that nobody else listens at, so that well-known ports can be had there (by root). */
export function loopbackAddress(): string {
  return `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
}
