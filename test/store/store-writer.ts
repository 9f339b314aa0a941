import { writeSync } from 'node:fs';
import { systemClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { openStore } from '../../src/store/store.ts';

/** Writes for ever, and says what has been acknowledged. Killed by its test. */
const [, , dataDir = '', first = '0'] = process.argv;
const store = openStore({ dataDir, log: createLog({ level: 'silent', format: 'json' }), clock: systemClock });
const entries = store.of('written');
for (let n = Number(first); ; n++) {
  await entries.set(`n${n}`, { n, padding: 'x'.repeat((n * 997) % 20_000) });
  writeSync(1, `${n}\n`);
}
