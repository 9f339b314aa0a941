import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CertificateReading, readCertificate } from './certificate.ts';

/** The two files of a certificate that the operator keeps; paths below `<data>/certs`. Both are the same where one holds all. */
export interface FilePair {
  readonly chain: string;
  readonly key: string;
}

const fileBytesMax = 262_144;

/**
 * Which files a name stands for. Of these the first whose chain is there:
 * 1. `<name>.crt` with `<name>.key`
 * 2. `<name>.pem` with `<name>.key`, or with the key in it where there is no such file
 * 3. `<name>/fullchain.pem` with `<name>/privkey.pem`, as certbot has them
 * 4. `<name>/tls.crt` with `<name>/tls.key`, as Kubernetes has them
 *
 * @returns null where there is none.
 */
export function findPair(directory: string, name: string): FilePair | null {
  const isThere = (path: string) => statSync(join(directory, path), { throwIfNoEntry: false }) !== undefined;
  const pairs = [
    { chain: `${name}.crt`, key: `${name}.key` },
    { chain: `${name}.pem`, key: isThere(`${name}.key`) ? `${name}.key` : `${name}.pem` },
    { chain: `${name}/fullchain.pem`, key: `${name}/privkey.pem` },
    { chain: `${name}/tls.crt`, key: `${name}/tls.key` },
  ];
  return pairs.find(({ chain }) => isThere(chain)) ?? null;
}

/** Reads the two files, links followed. @param nowMs as in readCertificate. */
export function readPair(directory: string, { chain, key }: FilePair, nowMs: number): CertificateReading {
  const texts = [chain, key].map((path) => readText(directory, path));
  const failed = texts.find((text) => 'fault' in text);
  if (failed !== undefined) return { ok: false, fault: failed.fault };
  const [chainPem = '', keyPem = ''] = texts.map((text) => ('text' in text ? text.text : ''));
  const reading = readCertificate({ chainPem, keyPem, nowMs });
  if (reading.ok) return reading;
  return { ok: false, fault: `${chain === key ? chain : `${chain} and ${key}`}: ${reading.fault}` };
}

/** A text that changes whenever one of the files does: by content, by rename, or by a link that leads elsewhere. */
export function pairStamp(directory: string, { chain, key }: FilePair): string {
  return [chain, key].map((path) => `${path} ${fileStamp(join(directory, path))}`).join('\n');
}

function fileStamp(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

function readText(directory: string, path: string): { readonly text: string } | { readonly fault: string } {
  try {
    const stat = statSync(join(directory, path));
    // Asked first: to open a pipe is to wait for somebody who writes.
    if (!stat.isFile()) return { fault: `${path} is no file` };
    if (stat.size > fileBytesMax) return { fault: `${path} is larger than ${fileBytesMax / 1024} KiB` };
    return { text: readFileSync(join(directory, path), 'utf8') };
  } catch (error) {
    return { fault: `${path} ${faultWords(error as NodeJS.ErrnoException)}` };
  }
}

function faultWords({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
      return 'is missing';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user';
    default:
      return `cannot be read (${code ?? message})`;
  }
}
