import { readFileSync } from 'node:fs';
import { systemClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { PemFiles } from '../../src/store/pem-files.ts';
import type { Certificate } from '../../src/tls/certificate.ts';

/** Saves a certificate until the disk is full, and says how that went and what a new start finds. */
const [, , dataDir = '', given = ''] = process.argv;
const certificate: Certificate = JSON.parse(readFileSync(given, 'utf8'));
const options = { dataDir, log: createLog({ level: 'silent', format: 'json' }), clock: systemClock };
const files = new PemFiles(options);
let refusal: unknown;
for (let n = 0; refusal === undefined && n < 1_000; n++) {
  try {
    files.save(certificate, { wantedId: `wanted ${n}`, issuer: 'default' });
  } catch (error) {
    refusal = error;
  }
}
const { name, message } = refusal as Error;
const again = new PemFiles(options);
const outcome = { name, message, saved: files.all.length, found: again.all.length, damages: again.damages.length };
process.stdout.write(JSON.stringify(outcome));
