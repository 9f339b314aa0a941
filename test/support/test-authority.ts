import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { command } from '../../scripts/command.ts';

interface SignAbout {
  readonly days: number;
  /** Which side of a handshake shows it. */
  readonly usage: 'server' | 'client';
}

/** A certificate authority of a test, made and run by openssl in a directory of the test's. */
export class TestAuthority {
  readonly certPem: string;
  readonly #dir: string;

  /** @param dir kept as long as the authority is used. */
  static async create(dir: string, commonName = 'Fairlead test authority'): Promise<TestAuthority> {
    const own = await mkdtemp(join(dir, 'authority-'));
    await openssl(own, [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650'],
      ...['-subj', `/CN=${commonName}`, '-keyout', 'ca.key', '-out', 'ca.pem'],
      ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
    ]);
    return new TestAuthority(own, await readFile(join(own, 'ca.pem'), 'utf8'));
  }

  private constructor(dir: string, certPem: string) {
    this.#dir = dir;
    this.certPem = certPem;
  }

  /** A key and a certificate for DNS names and IP addresses. */
  async issue(names: readonly string[], about: Partial<SignAbout> = {}): Promise<{ certPem: string; keyPem: string }> {
    const own = await mkdtemp(join(this.#dir, 'leaf-'));
    await openssl(own, [
      ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/'],
      ...['-keyout', 'leaf.key', '-out', 'leaf.csr'],
    ]);
    const certPem = await this.sign(await readFile(join(own, 'leaf.csr'), 'utf8'), names, about);
    return { certPem, keyPem: await readFile(join(own, 'leaf.key'), 'utf8') };
  }

  /** Signs the key of a request (PEM or DER) for these names, whatever the request itself asks for. */
  async sign(
    csr: string | Uint8Array,
    names: readonly string[],
    { days = 90, usage = 'server' }: Partial<SignAbout> = {},
  ): Promise<string> {
    const own = await mkdtemp(join(this.#dir, 'signed-'));
    const altNames = names.map((name) => `${isIP(name) ? 'IP' : 'DNS'}:${name}`).join(',');
    await writeFile(join(own, 'csr'), csr);
    await writeFile(
      join(own, 'extensions'),
      [
        `subjectAltName=critical,${altNames}`,
        'basicConstraints=critical,CA:FALSE',
        'keyUsage=critical,digitalSignature',
        `extendedKeyUsage=${usage}Auth`,
        'authorityKeyIdentifier=keyid',
      ].join('\n'),
    );
    await openssl(own, [
      ...['x509', '-req', '-in', 'csr', '-inform', typeof csr === 'string' ? 'PEM' : 'DER', '-days', String(days)],
      ...['-CA', '../ca.pem', '-CAkey', '../ca.key', '-extfile', 'extensions', '-out', 'cert.pem'],
      ...['-set_serial', `0x${crypto.randomUUID().replaceAll('-', '')}`],
    ]);
    return readFile(join(own, 'cert.pem'), 'utf8');
  }
}

function openssl(cwd: string, args: readonly string[]): Promise<string> {
  return command('openssl', args, { cwd, timeoutMs: 30_000 });
}
