import { systemClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { openStore } from '../../src/store/store.ts';

/** Fills the disk that holds its data directory, and says how that went, and what can still be read and written. */
const [, , dataDir = ''] = process.argv;
const store = openStore({ dataDir, log: createLog({ level: 'silent', format: 'json' }), clock: systemClock });
const entries = store.of('full');
await entries.set('first', 'kept');
let refusal: unknown;
let written = 0;
while (refusal === undefined && written < 1_000) {
  try {
    await entries.set(`n${written}`, 'x'.repeat(10_000));
    written++;
  } catch (error) {
    refusal = error;
  }
}
const { name, message } = refusal as Error;
const first = await entries.get('first');
const last = await entries.get(`n${written - 1}`);
store.close();
process.stdout.write(JSON.stringify({ name, message, written, first, lastLength: last?.length }));
