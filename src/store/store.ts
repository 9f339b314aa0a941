import { join } from 'node:path';
import { Keyv } from 'keyv';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Damage } from '../base/set-aside.ts';
import { Database } from './database.ts';
import { SqliteAdapter } from './sqlite-adapter.ts';

/** What must outlive the process, by key: account keys, ledgers, orders under way. Values are JSON, of at most 1 MiB. */
export interface Store {
  /**
   * The entries of one concern. What fails rejects with StoreFailure, a full disk among it: so do not give it an `error`
   * listener, with which Keyv answers `false` and `undefined` instead.
   */
  of(namespace: string): Keyv;
  /** What was set aside, the last hundred; it is in the log too. */
  readonly damages: readonly Damage[];
  close(): void;
}

const damagesMax = 100;

/** Opens `<dataDir>/store/fairlead.db`, which it makes where there is none. @throws StoreFailure where it can be neither opened nor made. */
export function openStore(options: { dataDir: string; log: Log; clock: Pick<Clock, 'now'> }): Store {
  const { dataDir, log, clock } = options;
  const damages: Damage[] = [];
  const onDamage = (damage: Damage) => {
    if (damages.push(damage) > damagesMax) damages.shift();
    log.error({ ...damage }, 'part of the store was damaged and set aside');
  };
  const database = new Database({ path: join(dataDir, 'store', 'fairlead.db'), clock, onDamage });
  return {
    of: (namespace) => new Keyv(new SqliteAdapter(database, namespace), { namespace }),
    damages,
    close: () => database.close(),
  };
}
