import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { syncDirectory, writeSynced } from '../base/durable-file.ts';
import { type Certificate, readCertificate } from '../tls/certificate.ts';

/** A certificate on disk, and why it is there. Plain data. */
export interface StoredCertificate {
  readonly certificate: Certificate;
  readonly about: CertificateAbout;
}

export interface CertificateAbout {
  /** As in WantedCertificate; '' where nobody knows any more. */
  readonly wantedId: string;
  /** Name of the issuer in the settings. */
  readonly issuer: string;
  /** Of the issuer when it signed; '' where nobody knows any more. */
  readonly directoryUrl: string;
  /** Epoch ms. */
  readonly savedAtMs: number;
}

export type PemReading =
  | { readonly ok: true; readonly stored: StoredCertificate }
  /** `damaged`: the content is at fault. Else the disk, or the rights: it may be readable another day. */
  | { readonly ok: false; readonly damaged: boolean; readonly why: string };

const names = { chain: 'fullchain.pem', key: 'privkey.pem', about: 'about.json' };
const fileBytesMax = 262_144;

/** Makes a new directory (0700) with the three files (0600), and waits until the disk has them. @throws the error of the file system; then nothing is left of it. */
export function writePemDirectory(path: string, stored: StoredCertificate): void {
  mkdirSync(path, { mode: 0o700 });
  try {
    writeSynced(join(path, names.chain), stored.certificate.chainPem);
    writeSynced(join(path, names.key), stored.certificate.keyPem);
    writeSynced(join(path, names.about), aboutText(stored));
    syncDirectory(path);
  } catch (error) {
    rmSync(path, { recursive: true, force: true });
    throw error;
  }
}

/** A lost `about.json` costs the knowledge of why, not the certificate. @param nowMs as in readCertificate. */
export function readPemDirectory(path: string, nowMs: number): PemReading {
  try {
    const from = { chainPem: text(path, names.chain), keyPem: text(path, names.key), nowMs };
    const reading = readCertificate(from);
    if (!reading.ok) return { ok: false, damaged: true, why: reading.fault };
    return { ok: true, stored: { certificate: reading.certificate, about: readAbout(path) } };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    return { ok: false, damaged: missing || code === undefined, why: message };
  }
}

function text(directory: string, name: string): string {
  const path = join(directory, name);
  const stat = statSync(path);
  if (!stat.isFile() || stat.size > fileBytesMax)
    throw new Error(`${name} is no file of at most ${fileBytesMax} bytes`);
  return readFileSync(path, 'utf8');
}

/** For people first: they find the names and the times beside the files. */
function aboutText({ certificate, about }: StoredCertificate): string {
  const { names, issuer, notBeforeMs, notAfterMs } = certificate;
  const told = {
    names,
    signedBy: issuer,
    notBefore: new Date(notBeforeMs).toISOString(),
    notAfter: new Date(notAfterMs).toISOString(),
    savedAt: new Date(about.savedAtMs).toISOString(),
    issuer: about.issuer,
    directory: about.directoryUrl,
    wantedId: about.wantedId,
  };
  return `${JSON.stringify(told, null, 2)}\n`;
}

function readAbout(path: string): CertificateAbout {
  const { wantedId, issuer, directory, savedAt } = parsed(path);
  return {
    wantedId: typeof wantedId === 'string' ? wantedId : '',
    issuer: typeof issuer === 'string' ? issuer : '',
    directoryUrl: typeof directory === 'string' ? directory : '',
    savedAtMs: Date.parse(String(savedAt)) || 0,
  };
}

function parsed(path: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text(path, names.about)));
  } catch {
    return {};
  }
}
