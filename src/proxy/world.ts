import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { TrustedNetworks } from '../http/forwarded.ts';
import type { TunnelTransport, UpstreamTransport } from '../http/transport.ts';
import type { Peers } from '../upstream/peers.ts';
import type { WaitingRoom } from '../upstream/waiting-room.ts';
import type { AccessLog } from './access-log.ts';
import type { CacheDesk } from './cache-desk.ts';
import type { ConnectionCounters } from './connection-counters.ts';
import type { FailureNotes } from './failed-request.ts';
import type { ShownCertificates } from './shown-certificates.ts';
import type { TableCell } from './table-cell.ts';
import type { Tracer } from './tracer.ts';
import type { Tunnels } from './tunnels.ts';

/** Everything a request may need, handed in once per worker. */
export interface ProxyWorld {
  readonly cell: TableCell;
  readonly peers: Pick<Peers, 'mayBeAvailable'>;
  readonly waiting: WaitingRoom;
  readonly upstream: UpstreamTransport;
  readonly tunnel: TunnelTransport;
  readonly tunnels: Tunnels;
  readonly trusted: TrustedNetworks;
  /** What an unknown host gets (`FAIRLEAD_UNKNOWN_HOST`). */
  readonly unknownHost: 'close' | '404' | '421';
  readonly certificates: ShownCertificates;
  readonly cache: CacheDesk;
  readonly accessLog: AccessLog;
  readonly failures: FailureNotes;
  /** null = nothing is traced, and headers of traces pass as they are. */
  readonly tracer: Tracer | null;
  readonly log: Log;
  readonly counts: Pick<ConnectionCounters, 'requestBegun'>;
  readonly clock: Pick<Clock, 'setTimeout'>;
  /** Epoch ms, for Date. */
  now(): number;
  /** Monotonic ms, for durations. */
  monotonic(): number;
}
