import type { EventFeed } from '../admin/event-feed.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { hostAndPort } from '../http/authority.ts';
import { type StateAndReason, shownState } from '../routing/backend-state.ts';
import type { BuiltTable, RouteDetail } from '../routing/route-detail.ts';
import type { Backend } from '../routing/table.ts';
import type { CertificateView } from '../tls/certificate-view.ts';
import { peerId } from '../upstream/peer.ts';
import type { HealthChange } from './health-book.ts';
import type { Swap } from './publisher.ts';

/** Routes and names that one event lists; `more` says how many there are besides. */
const listedMax = 20;
/** After a change of the certificates, of which many may follow each other. */
const certificatesAfterMs = 250;

/** Says in `/events` what the planes do: tables, backends, certificates. */
export class EventTeller {
  readonly #feed: EventFeed;
  readonly #clock: Clock;
  readonly #stateOf: (backend: Backend) => StateAndReason;
  #ejected: ReadonlySet<string> = new Set();
  /** By names and mode, what was told of each certificate last; null before the first look. */
  #certificates: ReadonlyMap<string, string> | null = null;
  #looking: Timer | null = null;

  /** @param about.stateOf what a backend can do now, health checks included. */
  constructor(about: { feed: EventFeed; clock: Clock; stateOf: (backend: Backend) => StateAndReason }) {
    this.#feed = about.feed;
    this.#clock = about.clock;
    this.#stateOf = about.stateOf;
  }

  swapped({ table, details }: BuiltTable, { before, difference }: Swap): void {
    const { added, removed, changed } = difference;
    const listed = { added: cut(added), removed: cut(removed), changed: cut(changed) };
    const more = added.length + removed.length + changed.length - Object.values(listed).flat().length;
    this.#feed.tell({
      name: 'table',
      data: { version: table.version, routes: table.routes.length, ...listed, more },
    });
    const told = new Set<string>();
    for (const { id } of changed) {
      const earlier = before.details.get(id);
      const now = details.get(id);
      if (earlier === undefined || now === undefined) continue;
      for (const change of this.#changes(earlier, now)) {
        const key = `${change.container} ${change.address}`;
        if (!told.has(key)) this.#tellHealth(change);
        told.add(key);
      }
    }
  }

  checked(changes: readonly HealthChange[]): void {
    for (const change of changes) this.#tellHealth(change);
  }

  /** @param ejected ids of the peers that are left out for their failures. */
  ejections(ejected: ReadonlySet<string>, { details }: BuiltTable): void {
    const changed = ejected.symmetricDifference(this.#ejected);
    this.#ejected = ejected;
    if (changed.size === 0) return;
    for (const { members } of details.values()) {
      for (const { backend } of members) {
        // One that several routes share is told once.
        if (backend === null || !changed.delete(peerId(backend))) continue;
        const failed = { state: 'ejected', reason: 'too many tries failed there' } as const;
        this.#tellHealth({
          ...{ container: backend.container, address: hostAndPort(backend.host, backend.port) },
          ...(ejected.has(peerId(backend)) ? failed : this.#stateOf(backend)),
        });
      }
    }
  }

  /** They may have changed: looks soon, once for all changes that follow each other. */
  certificatesChanged(views: () => readonly CertificateView[]): void {
    this.#looking ??= this.#clock.setTimeout(() => {
      this.#looking = null;
      this.#lookAt(views());
    }, certificatesAfterMs);
  }

  close(): void {
    this.#looking?.cancel();
  }

  /** Of containers that both know; what comes and goes is told with the table. */
  #changes(before: RouteDetail, now: RouteDetail): HealthChange[] {
    const states = new Map(before.members.flatMap(({ backend }) => this.#shown(backend)));
    return now.members.flatMap(({ backend }) =>
      this.#shown(backend).flatMap(([id, change]) => {
        const earlier = states.get(id);
        return earlier === undefined || earlier.state === change.state ? [] : [change];
      }),
    );
  }

  #shown(backend: Backend | null): [string, HealthChange][] {
    if (backend === null) return [];
    const { id, container, host, port, weight } = backend;
    const shown = shownState({ ...this.#stateOf(backend), weight });
    return [[`${id} ${port}`, { container, address: host === '' ? '' : hostAndPort(host, port), ...shown }]];
  }

  #tellHealth({ container, address, state, reason }: HealthChange): void {
    this.#feed.tell({ name: 'health', data: { container, address, state, reason } });
  }

  #lookAt(views: readonly CertificateView[]): void {
    const before = this.#certificates;
    this.#certificates = new Map(views.map((view) => [`${view.mode} ${view.names}`, summaryOf(view)]));
    for (const view of views) {
      // What is there at the start is no change.
      if (before === null || before.get(`${view.mode} ${view.names}`) === summaryOf(view)) continue;
      const { names, mode, state, why, issuer, notAfter, nextAttempt } = view;
      this.#feed.tell({
        name: 'certificate',
        data: { names: cut(names), mode, state, why, issuer, notAfter, nextAttempt },
      });
    }
  }
}

function summaryOf({ state, issuer, notAfter, problem }: CertificateView): string {
  return `${state} ${issuer} ${notAfter} ${problem?.at}`;
}

function cut<Item>(items: readonly Item[]): readonly Item[] {
  return items.slice(0, listedMax);
}
