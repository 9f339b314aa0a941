import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ensurePebble } from '../../scripts/acme.ts';
import { ask, type ProgramAnswer } from './ask-program.ts';
import { Challtestsrv } from './challtestsrv.ts';
import { ListeningProgram } from './listening-program.ts';
import { quietPort } from './quiet-port.ts';
import { TestAuthority } from './test-authority.ts';

export interface PebbleWish {
  /** Life of the certificates it issues; 90 days where nothing is said. */
  readonly validitySeconds?: number;
  /** Where http-01 is checked; a free port where nothing is said. */
  readonly httpPort?: number;
  /** Where tls-alpn-01 is checked; a free port where nothing is said. */
  readonly tlsPort?: number;
  /** Accounts need this binding; `hmacKey` in base64url. */
  readonly eab?: { readonly kid: string; readonly hmacKey: string };
  /** How many of a hundred nonces it turns down. Default 5, as its own. */
  readonly badNoncePercent?: number;
  /** How many of a hundred valid authorizations it uses again. Default 0. */
  readonly authzReusePercent?: number;
  /** Of this machine, where it listens; 127.0.0.1 where nothing is said. */
  readonly address?: string;
  /** `address:port` of the DNS server it asks. Default: a challtestsrv of its own, where every name is at 127.0.0.1. */
  readonly dnsServer?: string;
}

/** Let's Encrypt's test server in a test's hands, ended with it. */
export interface Pebble {
  readonly directoryUrl: string;
  /** Of the authority that vouches for the directory's own HTTPS (`Issuer.caPem`). */
  readonly caPem: string;
  readonly httpPort: number;
  readonly tlsPort: number;
  readonly pid: number;
  /** Where its names resolve; null where another DNS server was given. */
  readonly dns: Challtestsrv | null;
  /** PEM of the root under which it issues; a new one with every start. */
  rootPem(): Promise<string>;
  /** What it has logged so far. */
  log(): string;
}

export async function startPebble(t: TestContext, wish: PebbleWish = {}): Promise<Pebble> {
  const programs = await ensurePebble({ say: (line) => t.diagnostic(line) });
  const dir = mkdtempSync(join(tmpdir(), 'fl-pebble-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const authority = await TestAuthority.create(dir, 'Fairlead test: directory');
  const address = wish.address ?? '127.0.0.1';
  const leaf = await authority.issue(['localhost', address]);
  writeFileSync(join(dir, 'cert.pem'), leaf.certPem);
  writeFileSync(join(dir, 'key.pem'), leaf.keyPem);
  const dns = wish.dnsServer === undefined ? await Challtestsrv.start(t, programs.challtestsrv) : null;
  const httpPort = wish.httpPort ?? (await quietPort());
  const tlsPort = wish.tlsPort ?? (await quietPort());
  const ca = authority.certPem;
  let [port, managementPort] = [0, 0];
  const program = await ListeningProgram.start(t, {
    name: 'pebble',
    async command() {
      [port, managementPort] = [await quietPort(), await quietPort()];
      const config = { port, managementPort, httpPort, tlsPort };
      writeFileSync(join(dir, 'config.json'), JSON.stringify({ pebble: configOf(dir, config, wish) }));
      const args = ['-strict', '-config', join(dir, 'config.json')];
      return {
        file: programs.pebble,
        args: [...args, '-dnsserver', wish.dnsServer ?? `127.0.0.1:${dns?.dnsPort}`],
        env: environmentOf(wish),
      };
    },
    ready: async () => (await ask({ url: `https://${address}:${port}/dir`, ca })).status === 200,
  });
  return {
    directoryUrl: `https://${address}:${port}/dir`,
    caPem: ca,
    httpPort,
    tlsPort,
    pid: program.pid,
    dns,
    rootPem: async () => wanted(await ask({ url: `https://${address}:${managementPort}/roots/0`, ca })),
    log: () => program.output,
  };
}

function configOf(
  dir: string,
  ports: Record<'port' | 'managementPort' | 'httpPort' | 'tlsPort', number>,
  wish: PebbleWish,
) {
  return {
    listenAddress: `${wish.address ?? '127.0.0.1'}:${ports.port}`,
    managementListenAddress: `${wish.address ?? '127.0.0.1'}:${ports.managementPort}`,
    certificate: join(dir, 'cert.pem'),
    privateKey: join(dir, 'key.pem'),
    httpPort: ports.httpPort,
    tlsPort: ports.tlsPort,
    ocspResponderURL: '',
    certificateValidityPeriod: wish.validitySeconds ?? 90 * 24 * 60 * 60,
    externalAccountBindingRequired: wish.eab !== undefined,
    ...(wish.eab ? { externalAccountMACKeys: { [wish.eab.kid]: wish.eab.hmacKey } } : {}),
  };
}

function environmentOf(wish: PebbleWish): Record<string, string> {
  return {
    PEBBLE_VA_NOSLEEP: '1',
    PEBBLE_WFE_NONCEREJECT: String(wish.badNoncePercent ?? 5),
    PEBBLE_AUTHZREUSE: String(wish.authzReusePercent ?? 0),
  };
}

function wanted({ status, body }: ProgramAnswer): string {
  if (status !== 200) throw new Error(`pebble answered ${status}: ${body.slice(0, 200)}`);
  return body;
}
