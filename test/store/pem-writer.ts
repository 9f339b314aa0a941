import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { PemFiles } from '../../src/store/pem-files.ts';
import type { Certificate } from '../../src/tls/certificate.ts';

/** Replaces certificates by others, again and again, and says which have been saved. Killed by its test. */
const [, , dataDir = ''] = process.argv;
const certificates: Certificate[] = JSON.parse(readFileSync(join(dataDir, 'certificates.json'), 'utf8'));
const files = new PemFiles({ dataDir, log: createLog({ level: 'silent', format: 'json' }), clock: systemClock });
for (let n = 0; ; n++) {
  const certificate = certificates[n % certificates.length] as Certificate;
  files.save(certificate, { wantedId: `wanted ${certificate.names[0]}`, issuer: 'default' });
  writeSync(1, `${certificate.names[0]} ${certificate.id}\n`);
}
