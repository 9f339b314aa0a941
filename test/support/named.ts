import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { command } from '../../scripts/command.ts';
import { freePort } from '../../scripts/demo/ports.ts';
import { ensureNamed } from '../../scripts/named.ts';
import { type DnsResolver, systemResolverAt } from '../../src/tls/dns/dns-resolver.ts';

/** A key as `tsig-keygen` made it. */
export interface NamedKey {
  readonly name: string;
  readonly algorithm: 'hmac-sha256' | 'hmac-sha512';
  /** Base64. */
  readonly secret: string;
}

export interface NamedWish {
  /** Zones it is primary for, with further lines of their files. The name server of each is ns1 in it. */
  readonly zones: Readonly<Record<string, readonly string[]>>;
  /** Keys that may change TXT records in all zones; `fairlead` with SHA-256 by default. */
  readonly keys?: readonly Pick<NamedKey, 'name' | 'algorithm'>[];
  /** Keys that it knows and that may change nothing. */
  readonly idleKeys?: readonly Pick<NamedKey, 'name' | 'algorithm'>[];
  /** Where the zones say that ns1 is; 127.0.0.1 where nothing is said. See dns-relay.ts. */
  readonly address?: string;
  /** Answers as a resolver too, which follows a CNAME from one of its zones to another. */
  readonly isResolver?: boolean;
}

/** BIND 9 at 127.0.0.1, TCP and UDP, until the test ends. */
export interface Named {
  readonly port: number;
  /** In the order of the wish; the idle ones last. */
  readonly keys: readonly NamedKey[];
  /** Asks this server, whatever address is named. */
  readonly resolverAt: () => DnsResolver;
  /** Values of the TXT record of a name; none where it does not exist. */
  txt(name: string): Promise<readonly string[]>;
}

const portsTried = 10;

export async function startNamed(t: TestContext, wish: NamedWish): Promise<Named> {
  const programs = await ensureNamed();
  const dir = mkdtempSync(join(tmpdir(), 'fl-named-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  // AppArmor, where it is on (Ubuntu), knows named by its path, and there lets it read no other directory than its own.
  const program = join(dir, 'named');
  copyFileSync(programs.named, program);
  const { keys: active = [{ name: 'fairlead', algorithm: 'hmac-sha256' }], idleKeys = [] } = wish;
  const keys = await Promise.all([...active, ...idleKeys].map((key) => makeKey(programs.tsigKeygen, key)));
  const grants = active.map(({ name }) => `grant ${name} zonesub TXT;`).join(' ');
  const zones = Object.entries(wish.zones).map(([zone, lines]) => {
    writeFileSync(join(dir, `${zone}.zone`), zoneFile(lines, wish.address));
    return `zone "${zone}" { type primary; file "${zone}.zone"; update-policy { ${grants} }; };`;
  });
  const rest = [...keys.map(({ text }) => text), ...zones].join('\n');
  for (let tried = 0; tried < portsTried; tried += 1) {
    const port = await freePort(0);
    const config = join(dir, 'named.conf');
    writeFileSync(config, `${options(dir, port, wish)}\n${rest}\n`);
    if (!(await run(t, program, config))) continue;
    const at = systemResolverAt({ port });
    const resolverAt = () => at('127.0.0.1');
    return { port, keys, resolverAt, txt: (name) => valuesOf(resolverAt(), name) };
  }
  throw new Error(`named found no free port in ${portsTried} attempts`);
}

async function makeKey(
  program: string,
  about: Pick<NamedKey, 'name' | 'algorithm'>,
): Promise<NamedKey & { text: string }> {
  const text = await command(program, ['-a', about.algorithm, about.name]);
  return { ...about, text, secret: /secret "([^"]+)"/.exec(text)?.[1] ?? '' };
}

function options(dir: string, port: number, { isResolver = false }: NamedWish): string {
  return `options {
  directory "${dir}";
  pid-file "${dir}/named.pid";
  session-keyfile "${dir}/session.key";
  managed-keys-directory "${dir}";
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  recursion ${isResolver ? 'yes' : 'no'};
  dnssec-validation no;
  empty-zones-enable no;
  notify no;
};
controls { };`;
}

function zoneFile(lines: readonly string[], address = '127.0.0.1'): string {
  const own = ['$TTL 1', '@ SOA ns1 hostmaster 1 3600 600 86400 1', '@ NS ns1', `ns1 A ${address}`];
  return `${[...own, ...lines].join('\n')}\n`;
}

/** Whether it serves; false where somebody else has taken the port meanwhile. */
async function run(t: TestContext, program: string, config: string): Promise<boolean> {
  const child = spawn(program, ['-g', '-n', '1', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  const log = await firstWords(child);
  const end = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  if (/address in use/.test(log)) {
    await end();
    return false;
  }
  t.after(end);
  if (!/\brunning$/m.test(log)) throw new Error(`named does not run:\n${log}`);
  return true;
}

/** What it says until it runs, or ends. */
async function firstWords(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
    if (/\brunning$/m.test(log)) resolve(log);
  });
  child.on('error', reject).on('close', () => resolve(log));
  return promise;
}

async function valuesOf(resolver: DnsResolver, name: string): Promise<readonly string[]> {
  try {
    return (await resolver.resolveTxt(name)).map((parts) => parts.join('')).sort();
  } catch (error) {
    if (/ENODATA|ENOTFOUND/.test((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
