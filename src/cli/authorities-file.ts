import { X509Certificate } from 'node:crypto';
import type { Fault } from '../labels/value-reading.ts';
import { fileFault, readSmallFile } from './small-file.ts';

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The text of a file of certificates, each of which can be read; null, and a fault, where there is no such file. */
export function readAuthorities(path: string, report: (fault: Fault) => void): string | null {
  let text: string;
  try {
    text = readSmallFile(path);
  } catch (error) {
    report({
      expected: `a file of certificates as PEM; ${path}: ${fileFault(error as NodeJS.ErrnoException)}`,
    });
    return null;
  }
  const fault = pemFault(text);
  if (fault !== null) report({ expected: `a file of certificates as PEM; ${path}: ${fault}` });
  return text;
}

function pemFault(text: string): string | null {
  const blocks = text.match(pemCertificate) ?? [];
  if (blocks.length === 0) return 'there is no `-----BEGIN CERTIFICATE-----` in it';
  for (const [at, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch {
      return `certificate ${at + 1} in it cannot be read`;
    }
  }
  return null;
}
