import { command, findProgram } from '../command.ts';
import { canInstall, installPackages } from './apt.ts';

/**
 * What a second engine on one machine needs: a bridge and address pools of its own, and hands off the firewall, whose chains
 * belong to the first. Its containers can be dialled from here; they have no published ports and no way out.
 * `octet` names the pair 10.<octet>.0.0/24 for the bridge and 10.<octet>.128.0/17 for further networks.
 */
export interface SideBridge {
  readonly args: readonly string[];
  remove(): Promise<void>;
}

/** Makes the bridge. Where it is there already: `adopt` takes it over, otherwise undefined is returned. */
export async function makeSideBridge(octet: number, { adopt }: { adopt: boolean }): Promise<SideBridge | undefined> {
  const ip = await ensureIp();
  const name = `flbr${octet}`;
  try {
    await command(ip, ['link', 'add', name, 'type', 'bridge']);
    await command(ip, ['addr', 'add', `10.${octet}.0.1/24`, 'dev', name]);
    await command(ip, ['link', 'set', name, 'up']);
  } catch (error) {
    if (!String(error).includes('File exists')) throw error;
    if (!adopt) return undefined;
  }
  return {
    args: [
      ...['--bridge', name],
      ...['--default-address-pool', `base=10.${octet}.128.0/17,size=24`],
      '--iptables=false',
      '--ip6tables=false',
    ],
    async remove() {
      await command(ip, ['link', 'delete', name]);
    },
  };
}

async function ensureIp(): Promise<string> {
  if (!findProgram('ip') && canInstall()) await installPackages(['iproute2']);
  const ip = findProgram('ip');
  if (!ip) throw new Error('A second engine needs the program `ip`: install the package iproute2.');
  return ip;
}
