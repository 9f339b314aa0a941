import type { Log } from '../base/log.ts';
import { Census } from '../engine/census.ts';
import type { TrustedNetworks } from '../http/forwarded.ts';
import type { RefusedConnection } from '../http/transport.ts';
import type { ConnectionCounters } from '../proxy/connection-counters.ts';
import type { WorkerSeat } from './messages.ts';
import { connectionsThatFit, openFilesMax } from './open-files.ts';

/** A flood is told of this often at most. */
const tellEveryMs = 10_000;

const words: Readonly<Record<RefusedConnection, string>> = {
  full: 'all connections are taken: new ones are closed (FAIRLEAD_LIMIT_CONNECTIONS)',
  'address-full': 'one client address has all the connections it may have (FAIRLEAD_LIMIT_CONNECTIONS_PER_ADDRESS)',
  files: 'no file is left for new connections: raise the limit of open files, or lower FAIRLEAD_LIMIT_CONNECTIONS',
};

/** Lets clients in, over all workers as many as the settings say and the process can hold, and tells of those it turned away. */
export class Doorkeeper {
  readonly census: Census;
  readonly #connections: ConnectionCounters;
  readonly #log: Log;
  readonly #monotonic: () => number;
  #refused = 0;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(about: {
    readonly seat: WorkerSeat;
    readonly connections: ConnectionCounters;
    readonly trusted: Pick<TrustedNetworks, 'has'>;
    readonly log: Log;
    readonly monotonic: () => number;
    readonly openFiles?: number;
  }) {
    const { seat, connections, trusted, log, openFiles = openFilesMax() } = about;
    const { limits } = seat.plan;
    this.#connections = connections;
    this.#log = log;
    this.#monotonic = about.monotonic;
    const fit = connectionsThatFit(openFiles, seat.census.workers);
    const connectionsMax = Math.min(limits.connectionsMax, fit);
    if (fit < limits.connectionsMax && seat.number === 0)
      log.warn({ connectionsMax, openFiles }, 'fewer connections than set: the process may not open enough files');
    const perAddressMax = limits.perAddressMax ?? Math.ceil(connectionsMax / 2);
    const exempt = (address: string): boolean => trusted.has(address);
    this.census = new Census(seat.census, seat.number, {
      limits: { connectionsMax, perAddressMax, exempt },
      all: connections,
    });
  }

  refused(why: RefusedConnection): void {
    this.#refused++;
    // Without a file there was no connection.
    if (why !== 'files') this.#connections.refused();
    const nowMs = this.#monotonic();
    if (nowMs - this.#toldMs < tellEveryMs) return;
    this.#toldMs = nowMs;
    this.#log.warn({ refused: this.#refused }, words[why]);
  }
}
