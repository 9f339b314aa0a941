import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { TestContext } from 'node:test';
import { ask } from './ask-program.ts';
import { ListeningProgram } from './listening-program.ts';
import { quietPort } from './quiet-port.ts';

/** pebble's DNS server: every name is at 127.0.0.1 until it is told otherwise. Names without a dot at their end. */
export class Challtestsrv {
  readonly dnsPort: number;
  readonly #managementPort: number;

  static async start(t: TestContext, file: string): Promise<Challtestsrv> {
    let server: Challtestsrv | undefined;
    await ListeningProgram.start(t, {
      name: 'pebble-challtestsrv',
      async command() {
        const [dnsPort, managementPort] = [await quietPort(), await quietPort()];
        server = new Challtestsrv(dnsPort, managementPort);
        const others = ['-http01', '-https01', '-tlsalpn01'].flatMap((name) => [name, '']);
        const addresses = ['-defaultIPv4', '127.0.0.1', '-defaultIPv6', ''];
        const listen = ['-dns01', `127.0.0.1:${dnsPort}`, '-management', `127.0.0.1:${managementPort}`];
        return { file, args: [...listen, ...others, ...addresses] };
      },
      ready: async () => (await server?.answersDns()) ?? false,
    });
    if (!server) throw new Error('pebble-challtestsrv was started without a command');
    return server;
  }

  private constructor(dnsPort: number, managementPort: number) {
    this.dnsPort = dnsPort;
    this.#managementPort = managementPort;
  }

  /** Where others than the test tell it what to answer. */
  get managementUrl(): string {
    return `http://127.0.0.1:${this.#managementPort}`;
  }

  /** Whether its DNS server, which opens on its own, tells what its management was told. */
  async answersDns(): Promise<boolean> {
    const host = 'ready.fairlead.test';
    await this.addTxt(host, 'yes');
    const resolver = new Resolver({ timeout: 500, tries: 1 });
    resolver.setServers([`127.0.0.1:${this.dnsPort}`]);
    return (await resolver.resolveTxt(host)).flat().includes('yes');
  }

  /** Where a name is from now on; IPv4 and IPv6 mixed. */
  async setAddresses(host: string, addresses: readonly string[]): Promise<void> {
    const [v4, v6] = [
      addresses.filter((address) => isIP(address) === 4),
      addresses.filter((address) => isIP(address) === 6),
    ];
    await this.#tell('clear-a', { host: dotted(host) });
    await this.#tell('clear-aaaa', { host: dotted(host) });
    if (v4.length > 0) await this.#tell('add-a', { host: dotted(host), addresses: v4 });
    if (v6.length > 0) await this.#tell('add-aaaa', { host: dotted(host), addresses: v6 });
  }

  /** Adds a value beside those that are there. */
  addTxt(host: string, value: string): Promise<void> {
    return this.#tell('set-txt', { host: dotted(host), value });
  }

  /** Takes all values of a name away. */
  clearTxt(host: string): Promise<void> {
    return this.#tell('clear-txt', { host: dotted(host) });
  }

  /** Every question about this name fails from now on. */
  fail(host: string): Promise<void> {
    return this.#tell('set-servfail', { host: dotted(host) });
  }

  async #tell(path: string, body: Readonly<Record<string, unknown>>): Promise<void> {
    const answer = await ask({ url: `${this.managementUrl}/${path}`, body });
    if (answer.status !== 200) throw new Error(`challtestsrv answered ${answer.status} to ${path}: ${answer.body}`);
  }
}

const dotted = (host: string) => (host.endsWith('.') ? host : `${host}.`);
