import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Settings } from '../cli/settings.ts';
import { SharedStore } from '../store/shared-store.ts';
import type { ChallengeDesk } from './challenge-desk.ts';
import type { DataPlaneProcess } from './data-plane-process.ts';

/** Every file of the cache is looked at. */
export const purgeTimeoutMs = 60_000;

/** What is shared with other proxies (`FAIRLEAD_STORE`); null where the setting is not set. It is not yet started. */
export function openSharedStore(about: {
  readonly settings: Pick<Settings, 'store' | 'dataDir'>;
  readonly dataPlane: Pick<DataPlaneProcess, 'cache'>;
  readonly board: ChallengeDesk;
  readonly clock: Clock;
  readonly log: Log;
}): SharedStore | null {
  const { settings, dataPlane, board, clock, log } = about;
  const { store: address, dataDir } = settings;
  if (address === null) return null;
  return new SharedStore({
    ...{ address, dataDir, board, clock, log, random: Math.random },
    purge: async (rule) => (await dataPlane.cache({ ...rule, beforeMs: clock.now() }, purgeTimeoutMs)) !== null,
  });
}
