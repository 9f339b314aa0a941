import type { Problem } from '../../labels/problem.ts';
import type { Ref } from '../../labels/ref.ts';
import { Patterns } from '../../routing/patterns.ts';
import type { BuiltTable } from '../../routing/route-detail.ts';
import type { Certificate } from '../certificate.ts';
import type { CertificateSet } from '../certificate-set.ts';
import type { CertificateView } from '../certificate-view.ts';
import { wildcardOf } from '../covers-host.ts';
import type { FileCertificates } from '../file-certificates.ts';
import { wantedOnDemand } from '../on-demand.ts';
import type { RenewAnswer, RenewRequest } from '../renew-answer.ts';
import { asksTheSame } from '../same-asking.ts';
import { type HostTerms, type Wanted, type WantedCertificate, wantedCertificates } from '../wanted.ts';
import { unusedView } from './certificate-views.ts';
import { DemandedNames, isDnsName } from './demanded-names.ts';
import { HeldIndex } from './held-index.ts';
import { InternalShelf } from './internal-shelf.ts';
import type { AcmeWanted, HeldCertificate, KeeperTools } from './keeper-tools.ts';
import { Pace } from './pace.ts';
import { Pursuits } from './pursuits.ts';
import { renewed } from './renewed.ts';
import { placeholderId, Shelves } from './shelves.ts';
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
  /** `views` may say something else from now on. */
  readonly onChange: () => void;
}

/** The name on what is shown to names that nobody claims. */
const fallbackNames = ['fairlead.internal'];
const fallbackId = 'fallback';
/** Many sets that follow each other, as at a start with a thousand hosts, are told as few; a single one at once. */
const publishPace = { burst: 5, pauseMs: 50 };

/**
 * Sees to it that every host has the certificate that its labels ask for: ordered, signed here or read from files, renewed, and
 * shown by the data plane, which is told a new set whenever one changes.
 */
export class CertificateKeeper {
  readonly #world: KeeperWorld;
  readonly #index: HeldIndex;
  readonly #pursuits: Pursuits;
  readonly #internal: InternalShelf;
  readonly #shelves: Shelves;
  readonly #demanded = new DemandedNames();
  readonly #unused: UnusedCertificates;
  readonly #pace: Pace;
  #built: BuiltTable | null = null;
  #wanted: Wanted = { wanted: [], hosts: [], patterns: [], problems: [] };
  #patterns = new Patterns();
  /** Those that only handshakes have asked for come last. */
  #all = new Map<string, WantedCertificate>();
  #hosts = new Map<string, HostTerms>();
  /** As they were read when the routes last changed. */
  readonly #clientCas = new Map<string, string | null>();
  #published = '';

  constructor(world: KeeperWorld) {
    this.#world = world;
    const { clock, log, files, issueInternal } = world;
    this.#pace = new Pace({ clock, ...publishPace, work: () => this.#publish() });
    const onChange = (): void => this.#pace.ask();
    const index = new HeldIndex(world.held);
    this.#index = index;
    this.#pursuits = new Pursuits(world, { index, onChange });
    this.#internal = new InternalShelf({ issue: issueInternal, clock, log, onChange });
    this.#unused = new UnusedCertificates(world, index);
    this.#shelves = new Shelves({ index, pursuits: this.#pursuits, internal: this.#internal, files });
  }

  /** The routes as they are now. */
  update(built: BuiltTable): void {
    const before = this.#built;
    this.#built = built;
    if (before !== null && asksTheSame(before, built)) return this.#readAuthorities();
    this.#wanted = wantedCertificates(built, { issuers: this.#world.issuers });
    this.#patterns = new Patterns();
    this.#clientCas.clear();
    const { wanted, hosts } = this.#wanted;
    this.#all = new Map(wanted.map((one) => [one.id, one]));
    this.#hosts = new Map(hosts.map((terms) => [terms.host, terms]));
    for (const name of this.#demanded.names(this.#index.names())) this.#admit(name);
    const listed = new Set(wanted);
    const acme = [...this.#all.values()].filter(isAcme).map((one) => ({ one, onDemand: !listed.has(one) }));
    this.#pursuits.update(acme);
    this.#internal.update(this.#signedHere());
    this.#world.files.keepOnly(fileNames(this.#all.values()));
    // A handshake for a new host must find it as soon as its route is there.
    this.#pace.now();
  }

  /** A handshake waits for a name that only a pattern takes. What nobody could have is not remembered. */
  want(name: string): void {
    const certificate = isDnsName(name) ? this.#admit(name) : null;
    if (certificate === null) return;
    this.#demanded.add(name);
    if (isAcme(certificate)) this.#pursuits.add(certificate);
    for (const [id, names] of this.#signedFor(name)) this.#internal.add(id, names);
    const forgotten = this.#demanded.forgetOne((one) => this.#isSpared(one));
    if (forgotten !== null) this.#forget(forgotten);
    this.#pace.ask();
  }

  /** Another proxy has had this issued. */
  offer(held: HeldCertificate): void {
    this.#pursuits.offer(held);
  }

  /** What issuers are to sign, by the ids of what is wanted. */
  wantedOfIssuers(): readonly string[] {
    return [...this.#all.values()].filter(isAcme).map(({ id }) => id);
  }

  /** A file of `cert:<name>` has changed. */
  filesChanged(): void {
    this.#pace.ask();
  }

  /** Of the certificates: hosts that can have none, labels that contradict each other. */
  problems(): readonly Problem[] {
    return this.#wanted.problems;
  }

  views(): readonly CertificateView[] {
    const nowMs = this.#world.clock.now();
    const wanted = [...this.#all.values()].flatMap((one) => this.#shelves.views(one, nowMs));
    return [...wanted, ...this.#unused.all().map((one) => unusedView(one, nowMs))];
  }

  /** Whether plain requests for a host may be sent to HTTPS, as workers see it once they have the last set. */
  isReady(host: string): boolean {
    const terms = this.#termsOf(host);
    const shown = terms === undefined ? null : this.#shown(terms);
    return shown !== null && shown.certificate !== null && !shown.placeholder;
  }

  /** Orders now what a person asks for. */
  renew(request: RenewRequest): Promise<RenewAnswer> {
    const { host } = request;
    const named = host === null ? null : this.#termsOf(host);
    const wanted = named === null ? [...this.#all.values()] : [this.#all.get(named?.wantedId ?? '')];
    const { clock } = this.#world;
    const found = wanted.filter((one) => one !== undefined);
    return renewed(found, { request, pursuits: this.#pursuits, clock });
  }

  /** Resolves once what was under way is written down. */
  async close(): Promise<void> {
    this.#pace.close();
    this.#internal.close();
    this.#unused.close();
    await this.#pursuits.close();
  }

  /** What a name that only a pattern takes is to get; null where it gets nothing, or is known. */
  #admit(name: string): WantedCertificate | null {
    if (this.#hosts.has(name)) return null;
    const about = { hosts: this.#wanted.patterns, issuers: this.#world.issuers, patterns: this.#patterns };
    const found = wantedOnDemand(name, about);
    if (found === null) return null;
    const { certificate, terms } = found;
    this.#hosts.set(name, terms);
    // Files serve whatever names there are.
    if (!this.#all.has(certificate.id)) this.#all.set(certificate.id, certificate);
    return certificate;
  }

  #isSpared(name: string): boolean {
    const pursuit = this.#pursuits.get(this.#hosts.get(name)?.wantedId ?? '');
    return pursuit !== undefined && (pursuit.held !== null || pursuit.under !== null);
  }

  #forget(name: string): void {
    const one = this.#all.get(this.#hosts.get(name)?.wantedId ?? '');
    this.#hosts.delete(name);
    if (one === undefined || one.source.kind === 'file') return;
    this.#all.delete(one.id);
    this.#pursuits.drop(one.id);
    for (const id of [one.id, placeholderId(name)]) this.#internal.drop(id);
  }

  /** All that the internal CA is to sign: names by id. */
  #signedHere(): ReadonlyMap<string, readonly string[]> {
    const signed = new Map([...this.#hosts.keys()].flatMap((host) => this.#signedFor(host)));
    if (this.#world.answersUnknown) signed.set(fallbackId, fallbackNames);
    return signed;
  }

  #signedFor(host: string): [string, readonly string[]][] {
    const terms = this.#hosts.get(host);
    const one = this.#all.get(terms?.wantedId ?? '');
    if (one === undefined || terms === undefined) return [];
    if (one.source.kind === 'internal') return [[one.id, one.names]];
    return terms.placeholder ? [[placeholderId(host), [host]]] : [];
  }

  #publish(): void {
    this.#world.onChange();
    const used = new Set<string>();
    const shelves = [...this.#hosts.values()].map((terms): HostShelf => {
      const { host, minVersion } = terms;
      const { held, ...shown } = this.#shown(terms);
      if (held !== null) used.add(held.id);
      return { host, minVersion, ...shown };
    });
    for (const { held } of this.#pursuits.all()) if (held !== null) used.add(held.certificate.id);
    this.#unused.update(used);
    const patterns = this.#wanted.patterns.map(({ host, onDemand }) => ({ host, onDemand }));
    const set = shownSet(shelves, { patterns, fallback: this.#internal.get(fallbackId) });
    const text = JSON.stringify([set.hosts, set.patterns, set.fallback]);
    if (text === this.#published) return;
    this.#published = text;
    this.#world.publish(set);
  }

  /** A file that was mended is found with the next change of anything. */
  #readAuthorities(): void {
    if (this.#clientCas.size === 0) return;
    this.#clientCas.clear();
    this.#pace.now();
  }

  /** `held` also where it is not shown. */
  #shown(
    terms: HostTerms,
  ): Pick<HostShelf, 'certificate' | 'placeholder' | 'clientCaPem'> & { held: Certificate | null } {
    const one = this.#all.get(terms.wantedId ?? '');
    const { certificate: held, placeholder } =
      one === undefined ? { certificate: null, placeholder: false } : this.#shelves.shown(terms, one);
    if (terms.clientCa === null) return { held, certificate: held, placeholder, clientCaPem: null };
    const clientCaPem = this.#clientCa(terms.clientCa);
    // Without its authorities nobody can be asked for a certificate, so nobody is let in.
    return { held, certificate: clientCaPem === null ? null : held, placeholder, clientCaPem };
  }

  #termsOf(host: string): HostTerms | undefined {
    return this.#hosts.get(host) ?? this.#hosts.get(wildcardOf(host) ?? '');
  }

  #clientCa(ref: Ref): string | null {
    const key = JSON.stringify(ref);
    const known = this.#clientCas.get(key);
    if (known !== undefined) return known;
    const read = this.#world.clientCa(ref);
    this.#clientCas.set(key, read);
    return read;
  }
}

function isAcme(one: WantedCertificate): one is AcmeWanted {
  return one.source.kind === 'acme';
}

function fileNames(wanted: Iterable<WantedCertificate>): ReadonlySet<string> {
  return new Set([...wanted].flatMap(({ source }) => (source.kind === 'file' ? [source.name] : [])));
}
