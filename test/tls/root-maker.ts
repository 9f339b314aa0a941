import { createLog } from '../../src/base/log.ts';
import { InternalCa } from '../../src/tls/internal-ca.ts';

/** Lets an internal CA begin, and prints its root. */
const [, , dataDir = ''] = process.argv;
const nowMs = Date.now();
const ca = new InternalCa({ dataDir, log: createLog({ level: 'silent', format: 'json' }), nowMs });
await ca.issue(['a.test'], nowMs);
process.stdout.write(ca.rootPem ?? '');
