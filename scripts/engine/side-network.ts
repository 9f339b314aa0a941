import { command, findProgram } from '../command.ts';
import { canInstall, installPackages } from './apt.ts';

/**
 * A network namespace for a further engine on one machine. Two engines in one namespace harm each other: they write the same
 * firewall chains, and Docker 26 started with `--bridge` deletes the docker0 of the other one.
 * A pair of virtual interfaces and a route make the containers' addresses (10.<octet>.0.0/16) reachable from here;
 * they have no published ports and no way out.
 */
export interface SideNetwork {
  /** What to put before the daemon's command line. */
  readonly prefix: readonly string[];
  /** What to put behind it. */
  readonly args: readonly string[];
}

/** Makes the namespace. Where it is there already, `adopt` makes it anew; otherwise undefined is returned, and another octet is to be tried. */
export async function makeSideNetwork(octet: number, { adopt }: { adopt: boolean }): Promise<SideNetwork | undefined> {
  const ip = await ensureIp();
  const namespace = `fairlead${octet}`;
  const inside = ['-n', namespace];
  const run = (...args: string[]) => command(ip, args);
  try {
    await run('netns', 'add', namespace);
  } catch (error) {
    if (!String(error).includes('File exists')) throw error;
    if (!adopt) return undefined;
    await removeSideNetwork(octet);
    await run('netns', 'add', namespace);
  }
  const [outer, inner] = [`flh${octet}`, `fln${octet}`];
  await run('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', namespace);
  await run('addr', 'add', `10.${octet}.0.1/30`, 'dev', outer);
  await run('link', 'set', outer, 'up');
  await run(...inside, 'link', 'set', 'lo', 'up');
  await run(...inside, 'addr', 'add', `10.${octet}.0.2/30`, 'dev', inner);
  await run(...inside, 'link', 'set', inner, 'up');
  await run(...inside, 'route', 'add', 'default', 'via', `10.${octet}.0.1`);
  await run('route', 'add', `10.${octet}.0.0/16`, 'via', `10.${octet}.0.2`);
  return {
    // nsenter, not `ip netns exec`, which would mount a /sys without the control groups.
    prefix: ['nsenter', `--net=/run/netns/${namespace}`],
    args: [
      ...['--bip', `10.${octet}.1.1/24`],
      ...['--default-address-pool', `base=10.${octet}.128.0/17,size=24`],
      '--iptables=false',
      '--ip6tables=false',
    ],
  };
}

/** Takes down what `makeSideNetwork` made, as far as it is there. */
export async function removeSideNetwork(octet: number): Promise<void> {
  const ip = await ensureIp();
  // The interfaces first: a namespace takes its own down only some time after its deletion, and the next one would find the names taken.
  for (const doomed of [
    ['link', 'delete', `flh${octet}`],
    ['netns', 'delete', `fairlead${octet}`],
  ]) {
    await command(ip, doomed).catch((error: unknown) => {
      if (!/Cannot find device|No such file/.test(String(error))) throw error;
    });
  }
}

async function ensureIp(): Promise<string> {
  if (!findProgram('ip') && canInstall()) await installPackages(['iproute2']);
  const ip = findProgram('ip');
  if (!ip) throw new Error('A second engine needs the program `ip`: install the package iproute2.');
  return ip;
}
