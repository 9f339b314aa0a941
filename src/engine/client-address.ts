/** IPv4 that came over a dual-stack socket is written as IPv4, and a zone (`fe80::1%eth0`) is no part of an address. */
export function plainAddress(address: string): string {
  const [bare = ''] = address.split('%', 1);
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(bare) ? bare.slice(7) : bare;
}
