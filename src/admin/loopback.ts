import { isIP } from 'node:net';

/** Whether an IP address (or undefined: every address) can be reached from this machine only. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  return isIP(address) === 4 ? address.startsWith('127.') : address === '::1';
}
