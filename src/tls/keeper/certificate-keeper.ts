import type { Problem } from '../../labels/problem.ts';
import type { Ref } from '../../labels/ref.ts';
import { Patterns } from '../../routing/patterns.ts';
import type { BuiltTable } from '../../routing/route-detail.ts';
import type { Certificate } from '../certificate.ts';
import type { CertificateSet } from '../certificate-set.ts';
import type { CertificateView } from '../certificate-view.ts';
import type { FileCertificates } from '../file-certificates.ts';
import { wantedOnDemand } from '../on-demand.ts';
import type { RenewAnswer, RenewRequest } from '../renew-answer.ts';
import { type HostTerms, type Wanted, type WantedCertificate, wantedCertificates } from '../wanted.ts';
import { acmeView, fileView, internalView, missingView, unusedView } from './certificate-views.ts';
import { DemandedNames } from './demanded-names.ts';
import { InternalShelf } from './internal-shelf.ts';
import type { AcmeWanted, KeeperTools } from './keeper-tools.ts';
import { Pursuits } from './pursuits.ts';
import { quietHosts } from './quiet-hosts.ts';
import { renewed } from './renewed.ts';
import { type HostShelf, shownSet } from './shown-set.ts';
import { UnusedCertificates } from './unused-certificates.ts';

/** Reads the authorities of `proxy.tls.client`; null where they cannot be read. */
export type ClientAuthorities = (ref: Ref) => string | null;

export interface KeeperWorld extends KeeperTools {
  readonly issueInternal: (names: readonly string[]) => Promise<Certificate>;
  /** What `cert:<name>` finds. */
  readonly files: Pick<FileCertificates, 'get' | 'keepOnly'>;
  readonly clientCa: ClientAuthorities;
  /** `FAIRLEAD_UNKNOWN_HOST`: whether names that nobody claims are answered, and so need a certificate. */
  readonly answersUnknown: boolean;
  readonly publish: (set: CertificateSet) => void;
}

/** The name on what is shown to names that nobody claims. */
const fallbackNames = ['fairlead.internal'];
const fallbackId = 'fallback';

/**
 * Sees to it that every host has the certificate that its labels ask for: ordered, signed here or read from files, renewed, and
 * shown by the data plane, which is told a new set whenever one changes.
 */
export class CertificateKeeper {
  readonly #world: KeeperWorld;
  readonly #pursuits: Pursuits;
  readonly #internal: InternalShelf;
  readonly #demanded: DemandedNames;
  readonly #unused: UnusedCertificates;
  #wanted: Wanted = { wanted: [], hosts: [], patterns: [], problems: [] };
  #patterns = new Patterns();
  #quiet: ReadonlySet<string> = new Set();
  #all: readonly WantedCertificate[] = [];
  #hosts: readonly HostTerms[] = [];
  #published = '';
  #telling = false;

  constructor(world: KeeperWorld) {
    this.#world = world;
    const onChange = (): void => this.#tell();
    this.#pursuits = new Pursuits(world, onChange);
    this.#internal = new InternalShelf({ issue: world.issueInternal, clock: world.clock, log: world.log, onChange });
    this.#demanded = new DemandedNames(world.held);
    this.#unused = new UnusedCertificates(world);
  }

  /** The routes as they are now. */
  update(built: BuiltTable): void {
    this.#wanted = wantedCertificates(built, { issuers: this.#world.issuers });
    this.#patterns = new Patterns();
    this.#quiet = quietHosts(built);
    this.#refresh();
  }

  /** A handshake waits for a name that only a pattern takes. */
  want(name: string): void {
    if (this.#find(name) !== undefined) return;
    this.#demanded.add(name);
    this.#refresh();
  }

  /** A file of `cert:<name>` has changed. */
  filesChanged(): void {
    this.#tell();
  }

  /** Of the certificates: hosts that can have none, labels that contradict each other. */
  problems(): readonly Problem[] {
    return this.#wanted.problems;
  }

  views(): readonly CertificateView[] {
    const nowMs = this.#world.clock.now();
    const wanted = this.#all.map((one) => this.#view(one, nowMs));
    return [...wanted, ...this.#unused.all().map((one) => unusedView(one, nowMs))];
  }

  /** Orders now what a person asks for. */
  renew(request: RenewRequest): Promise<RenewAnswer> {
    const { host } = request;
    const found = host === null ? this.#hosts : this.#hosts.filter((terms) => terms.host === host);
    const ids = new Set(found.map(({ wantedId }) => wantedId));
    const wanted = this.#all.filter(({ id }) => ids.has(id));
    return renewed(wanted, { request, pursuits: this.#pursuits, nowMs: this.#world.clock.now() });
  }

  close(): void {
    this.#pursuits.close();
    this.#internal.close();
    this.#unused.close();
  }

  #find(host: string): HostTerms | undefined {
    return this.#hosts.find((terms) => terms.host === host);
  }

  #refresh(): void {
    const { issuers } = this.#world;
    const about = { hosts: this.#wanted.patterns, issuers, patterns: this.#patterns };
    const demanded = this.#demanded
      .names(this.#wanted)
      .map((name) => wantedOnDemand(name, about))
      .filter((found) => found !== null);
    this.#all = [...this.#wanted.wanted, ...demanded.map(({ certificate }) => certificate)];
    this.#hosts = [...this.#wanted.hosts, ...demanded.map(({ terms }) => terms)];
    const listed = new Set(this.#wanted.wanted);
    const [acme, internal]: [{ one: AcmeWanted; onDemand: boolean }[], [string, readonly string[]][]] = [[], []];
    for (const one of this.#all) {
      if (isAcme(one)) acme.push({ one, onDemand: !listed.has(one) });
      else if (one.source.kind === 'internal') internal.push([one.id, one.names]);
    }
    if (this.#world.answersUnknown) internal.push([fallbackId, fallbackNames]);
    this.#internal.update(new Map(internal));
    this.#pursuits.update(acme);
    this.#unused.update(this.#all);
    this.#world.files.keepOnly(fileNames(this.#all));
    this.#tell();
  }

  /** Once for all that changes in one turn. */
  #tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      this.#publish();
    });
  }

  #publish(): void {
    const wanted = new Map(this.#all.map((one) => [one.id, one]));
    const shelves = this.#hosts.map(({ host, wantedId, minVersion, clientCa }): HostShelf => {
      const one = wanted.get(wantedId ?? '');
      const clientCaPem = clientCa === null ? null : this.#world.clientCa(clientCa);
      // Without its authorities nobody can be asked for a certificate, so nobody is let in.
      const isClosed = clientCa !== null && clientCaPem === null;
      const certificate = one === undefined || isClosed ? null : this.#certificateOf(one);
      return {
        host,
        certificate,
        minVersion,
        clientCaPem,
        placeholder: one?.source.kind === 'internal' && this.#quiet.has(host),
      };
    });
    const fallback = this.#internal.get(fallbackId);
    const patterns = this.#wanted.patterns.map(({ host, onDemand }) => ({ host, onDemand }));
    const set = shownSet(shelves, { patterns, fallback });
    const text = JSON.stringify([set.hosts, set.patterns, set.fallback]);
    if (text === this.#published) return;
    this.#published = text;
    this.#world.publish(set);
  }

  #certificateOf(one: WantedCertificate): Certificate | null {
    switch (one.source.kind) {
      case 'acme':
        return this.#pursuits.get(one.id)?.held?.certificate ?? null;
      case 'internal':
        return this.#internal.get(one.id);
      case 'file':
        return this.#world.files.get(one.source.name).certificate;
      case 'none':
        return null;
      default:
        return one.source satisfies never;
    }
  }

  #view(one: WantedCertificate, nowMs: number): CertificateView {
    switch (one.source.kind) {
      case 'acme':
        return acmeView(one, this.#pursuits.get(one.id), nowMs);
      case 'internal':
        return internalView(one, this.#internal.get(one.id), nowMs);
      case 'file':
        return fileView(one, one.source.name, this.#world.files.get(one.source.name), nowMs);
      case 'none':
        return missingView(one, one.source.why);
      default:
        return one.source satisfies never;
    }
  }
}

function isAcme(one: WantedCertificate): one is AcmeWanted {
  return one.source.kind === 'acme';
}

function fileNames(wanted: readonly WantedCertificate[]): ReadonlySet<string> {
  return new Set(wanted.flatMap(({ source }) => (source.kind === 'file' ? [source.name] : [])));
}
