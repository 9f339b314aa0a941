import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { Clock, Timer } from '../../../src/base/clock.ts';
import { createLog } from '../../../src/base/log.ts';
import type { AcmeFailure } from '../../../src/tls/acme/failure.ts';
import type { Finding } from '../../../src/tls/acme/finding.ts';
import type { Issuer } from '../../../src/tls/acme/issuer.ts';
import { OrderLedger } from '../../../src/tls/acme/ledger.ts';
import { renewalDueMs } from '../../../src/tls/acme/renewal.ts';
import { type Certificate, readCertificate } from '../../../src/tls/certificate.ts';
import type { CertificateSet, ShownHost } from '../../../src/tls/certificate-set.ts';
import type { CertificateView } from '../../../src/tls/certificate-view.ts';
import type { FileCertificate } from '../../../src/tls/file-certificates.ts';
import { CertificateKeeper } from '../../../src/tls/keeper/certificate-keeper.ts';
import type { HeldCertificate, KeeperTools, PlaceOrder } from '../../../src/tls/keeper/keeper-tools.ts';
import type { OrderTurns } from '../../../src/tls/keeper/order-turns.ts';
import { build, labelled, type SpecText } from '../../routing/builders.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { issuer } from '../issuers.ts';
import { testRoot } from '../test-authority.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

const root = await testRoot('Played issuer');
const turnsMax = 20_000;

type Order = Parameters<PlaceOrder>[0];

/** An order that was placed, as tests look at it. */
export interface Placed {
  readonly names: string;
  readonly issuer: string;
  /** Whether it went to staging. */
  readonly staging: boolean;
  readonly replaces: boolean;
  /** ms since the world began. */
  readonly atMs: number;
}

/** What a played issuer does with an order: signs it (`lifeMs`, of 90 days by default), refuses it, or never answers. */
export type Play = 'sign' | AcmeFailure | 'hang' | { readonly lifeMs: number; readonly fromMs?: number };

/** The clock of one process: when that is killed, none of its timers fires. */
class Process implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  setTimeout(callback: () => void, ms: number): Timer {
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  kill(): void {
    for (const timer of this.#timers) timer.cancel();
  }
}

/** A keeper with all that it works with, in memory and on a clock that stands still. */
export class KeeperWorld {
  readonly clock = new FakeClock();
  readonly issuers: readonly Issuer[];
  /** What is on disk: survives `restart`. */
  held: HeldCertificate[] = [];
  readonly archived: HeldCertificate[] = [];
  diskIsFull = false;
  /** What a keeper that begins now asks whose turn it is; null = there is no other. */
  turns: OrderTurns | null = null;
  ledgerText: string | undefined;
  readonly placed: Placed[] = [];
  readonly settled: string[] = [];
  readonly published: CertificateSet[] = [];
  readonly lines: Record<string, unknown>[] = [];
  /** Names that the internal CA signed for. */
  readonly signedHere: string[] = [];
  readonly files = new Map<string, FileCertificate>();
  readonly looked: string[] = [];
  play: (placed: Placed) => Play = () => 'sign';
  findings: (names: readonly string[]) => readonly Finding[] = () => [];
  renewalTime: KeeperTools['renewalTime'] = async ({ certificate }) => renewalDueMs(certificate, null);
  answersUnknown = false;
  internalFails = false;
  readonly #startMs = this.clock.now();
  #keeper: CertificateKeeper | null = null;
  #process = new Process(this.clock);
  #busy = 0;
  /** Orders that hang, to be let go. */
  readonly #hanging = new Set<(play: Exclude<Play, 'hang'>) => void>();

  static async start(...issuers: readonly Partial<Issuer>[]): Promise<KeeperWorld> {
    const world = new KeeperWorld(issuers.length === 0 ? [{}] : issuers);
    await world.restart();
    return world;
  }

  private constructor(issuers: readonly Partial<Issuer>[]) {
    this.issuers = issuers.map((one) => issuer(one));
  }

  get keeper(): CertificateKeeper {
    assert.ok(this.#keeper, 'start it first');
    return this.#keeper;
  }

  /** ms since the world began. */
  get nowMs(): number {
    return this.clock.now() - this.#startMs;
  }

  /** A new process on what is on disk; the one before was killed. */
  async restart(): Promise<void> {
    this.#process.kill();
    const process = new Process(this.clock);
    this.#process = process;
    this.#hanging.clear();
    const store = {
      get: async () => this.ledgerText,
      set: async (_: string, text: string) => {
        if (this.diskIsFull) throw new Error('ENOSPC: no space left on device');
        this.ledgerText = text;
      },
    };
    const log = createLog({ level: 'debug', format: 'json', write: (line) => void this.lines.push(JSON.parse(line)) });
    this.#keeper = new CertificateKeeper({
      ...{ clock: process, log, issuers: this.issuers, answersUnknown: this.answersUnknown },
      ledger: await OrderLedger.open({ store, clock: process, random: () => 0 }),
      held: {
        all: () => [...this.held],
        save: (held) => {
          if (this.diskIsFull) throw new Error('ENOSPC: no space left on device');
          this.held = [...this.held.filter(({ wantedId }) => wantedId !== held.wantedId), held];
        },
        archive: (held) => {
          if (this.diskIsFull) throw new Error('ENOSPC: no space left on device');
          this.held = this.held.filter((other) => other !== held);
          this.archived.push(held);
        },
      },
      preflight: async ({ names }) => {
        this.looked.push(names.join(' '));
        return this.findings(names);
      },
      order: (order) => this.#order(order),
      renewalTime: (held, signal) => this.renewalTime(held, signal),
      turns: this.turns,
      issueInternal: (names) => this.#issueInternal(names),
      files: {
        get: (name) => this.files.get(name) ?? { certificate: null, fault: `there is no certificate ${name}` },
        keepOnly: () => {},
      },
      clientCa: () => null,
      publish: (set) => void this.published.push(set),
      onChange: () => {},
    });
  }

  /** The table as these containers make it; then all that can go on goes on. */
  async routes(...specs: readonly (string | SpecText)[]): Promise<void> {
    this.keeper.update(build(specs.map((one) => labelled(typeof one === 'string' ? { host: one } : one))));
    await this.quiet();
  }

  /** Lets time pass, and work be done in between. */
  async pass(ms: number, stepMs = minute): Promise<void> {
    const endMs = this.clock.now() + ms;
    while (this.clock.now() < endMs) {
      this.clock.advance(Math.min(stepMs, endMs - this.clock.now()));
      await this.quiet();
    }
  }

  /** Until nothing goes on but what hangs, and the last of it was told. */
  async quiet(): Promise<void> {
    for (let turn = 0; turn < turnsMax; turn++) {
      await setImmediate();
      if (this.#busy > 0) continue;
      const before = this.published.length + this.placed.length;
      this.clock.advance(51);
      await setImmediate();
      if (this.#busy === 0 && before === this.published.length + this.placed.length) return;
    }
    throw new Error('it never comes to rest');
  }

  /** Lets what hangs go on. */
  async release(play: Exclude<Play, 'hang'> = 'sign'): Promise<void> {
    for (const go of this.#hanging) go(play);
    this.#hanging.clear();
    await this.quiet();
  }

  shown(host: string): ShownHost | undefined {
    return this.published.at(-1)?.hosts.find((one) => one.host === host);
  }

  /** Names of the certificate that a host is shown, in the order of the certificate; null = none. */
  shownNames(host: string): string | null {
    const id = this.shown(host)?.certificate ?? null;
    return (
      this.published
        .at(-1)
        ?.certificates.find((one) => one.id === id)
        ?.names.join(' ') ?? null
    );
  }

  view(name: string): CertificateView {
    const view = this.keeper.views().find(({ names }) => names.includes(name));
    assert.ok(view, `no certificate for ${name}`);
    return view;
  }

  said(message: string): readonly Record<string, unknown>[] {
    return this.lines.filter((line) => String(line.message).includes(message));
  }

  async certificate(
    names: readonly string[],
    { lifeMs = 90 * day, fromMs = this.clock.now() } = {},
  ): Promise<Certificate> {
    this.#busy++;
    const leaf = await root.sign({ names, fromMs, toMs: fromMs + lifeMs });
    this.#busy--;
    const reading = readCertificate({ chainPem: leaf.pem + root.pem, keyPem: leaf.keyPem, nowMs: this.clock.now() });
    assert.ok(reading.ok);
    return reading.certificate;
  }

  async hold(
    names: string,
    about: Partial<HeldCertificate> & { lifeMs?: number; fromMs?: number } = {},
  ): Promise<void> {
    const { lifeMs, fromMs, ...more } = about;
    const list = names.split(' ');
    const life = { ...(lifeMs === undefined ? {} : { lifeMs }), ...(fromMs === undefined ? {} : { fromMs }) };
    const certificate = await this.certificate(list, life);
    const { name, directoryUrl } = this.issuers[0] as Issuer;
    this.held.push({ certificate, issuer: name, directoryUrl, wantedId: `held:${names}`, ...more });
  }

  async #order({ wanted, issuer: at, replaces, signal }: Order): ReturnType<PlaceOrder> {
    const staging = this.issuers.some(({ stagingUrl }) => stagingUrl === at.directoryUrl);
    const names = wanted.names.join(' ');
    const placed = { names, issuer: at.name, staging, replaces: replaces !== null, atMs: this.nowMs };
    this.placed.push(placed);
    let play = this.play(placed);
    if (play === 'hang') {
      const { promise, resolve, reject } = Promise.withResolvers<Exclude<Play, 'hang'>>();
      this.#hanging.add(resolve);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      play = await promise;
    }
    if (play instanceof Error) throw play;
    const { chainPem, keyPem } = await this.certificate(wanted.names, typeof play === 'object' ? play : {});
    return { chainPem, keyPem, settle: async () => void this.settled.push(names) };
  }

  async #issueInternal(names: readonly string[]): Promise<Certificate> {
    if (this.internalFails) throw new Error('ENOSPC: no space left on device');
    this.signedHere.push(names.join(' '));
    return this.certificate(names);
  }
}
