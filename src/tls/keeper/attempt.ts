import { AcmeFailure } from '../acme/failure.ts';
import type { Finding } from '../acme/finding.ts';
import type { Issuer } from '../acme/issuer.ts';
import type { OrderPurpose, OrderRequest } from '../acme/order-request.ts';
import { preflightFailure } from '../acme/preflight.ts';
import { retryWaitMsMax } from '../acme/renewal.ts';
import { type Certificate, readCertificate } from '../certificate.ts';
import { issuerSettings } from '../issuer-setting.ts';
import { issuersFor } from '../issuers-for.ts';
import type { IssuedCertificate } from './certificate-saver.ts';
import type { AcmeWanted, HeldCertificate, KeeperTools } from './keeper-tools.ts';

/** What came of an attempt at a certificate. */
export type Outcome =
  | ({ readonly kind: 'issued' } & IssuedCertificate)
  /** Another proxy has had it issued. */
  | { readonly kind: 'found'; readonly held: HeldCertificate }
  /** A rehearsal went well. */
  | { readonly kind: 'would-be-issued'; readonly issuer: string }
  | {
      readonly kind: 'failed';
      readonly issuer: string;
      readonly failure: AcmeFailure;
      /** What was seen before the order. */
      readonly findings: readonly Finding[];
      /** Epoch ms. */
      readonly nextAttemptMs: number;
    }
  /** No order may be placed before then. */
  | {
      readonly kind: 'not-yet';
      readonly notBeforeMs: number;
      readonly why: string;
      /** What kept the ledger from being written, where that is why. */
      readonly unwritten?: unknown;
    }
  /** By ourselves: the proxy ends, or nothing wants it any more. */
  | { readonly kind: 'given-up' };

type Unfinished = Extract<Outcome, { kind: 'failed' | 'not-yet' }>;

export interface AttemptAbout {
  readonly purpose: OrderPurpose;
  /** The certificate in use; null = none yet. */
  readonly held: HeldCertificate | null;
  /** Fires when the proxy ends. An order under way is finished by the next start. */
  readonly signal: AbortSignal;
  /** Asked before each order: what is begun is spent, and brought to its end. */
  isWanted(): boolean;
  /** Hears which issuer is asked. */
  at(issuer: string): void;
}

/** After something failed that is neither a name's fault nor an issuer's. */
const pauseMs = 60_000;

/**
 * One attempt: each issuer in turn that the ledger allows an order, until one signs. What is the name's own fault, every
 * issuer would find: then no other is asked. Never rejects.
 */
export async function attempt(wanted: AcmeWanted, tools: KeeperTools, about: AttemptAbout): Promise<Outcome> {
  let unfinished: Unfinished | null = null;
  try {
    for (const issuer of issuersFor(wanted, tools.issuers)) {
      about.at(issuer.name);
      const outcome = await attemptAt(issuer, wanted, tools, about);
      if (outcome.kind !== 'failed' && outcome.kind !== 'not-yet') return outcome;
      unfinished = unfinished === null ? outcome : tellingOf(unfinished, outcome);
      if (outcome.kind === 'failed' && !mayDoElsewhere(outcome.failure)) break;
    }
  } catch (error) {
    // The ledger cannot be written: a full disk must not become a storm of orders.
    const why = `the data directory cannot be written: ${error instanceof Error ? error.message : error}`;
    return { kind: 'not-yet', notBeforeMs: tools.clock.now() + pauseMs, why, unwritten: error };
  }
  return unfinished ?? { kind: 'not-yet', notBeforeMs: Number.POSITIVE_INFINITY, why: 'no issuer can be asked' };
}

export type Permit =
  | { readonly ok: true; readonly issuer: string }
  | { readonly ok: false; readonly notBeforeMs: number; readonly why: string };

/** Whether one of the issuers may be asked for a certificate now; else when the first may be. */
export function permitOf(wanted: AcmeWanted, { issuers, ledger }: KeeperTools, purpose: OrderPurpose): Permit {
  let soonest: Permit = { ok: false, notBeforeMs: Number.POSITIVE_INFINITY, why: 'no issuer can be asked' };
  for (const issuer of issuersFor(wanted, issuers)) {
    const verdict = ledger.mayOrder(requestOf(wanted, issuer, purpose));
    if (verdict.ok) return { ok: true, issuer: issuer.name };
    if (verdict.notBeforeMs < soonest.notBeforeMs) soonest = verdict;
  }
  return soonest;
}

function requestOf({ names }: AcmeWanted, issuer: Issuer, purpose: OrderPurpose): OrderRequest {
  return { names, issuer: issuer.name, hasStaging: issuer.stagingUrl !== null, purpose };
}

async function attemptAt(
  issuer: Issuer,
  wanted: AcmeWanted,
  tools: KeeperTools,
  about: AttemptAbout,
): Promise<Outcome> {
  const { ledger, clock } = tools;
  const request = (purpose: OrderPurpose): OrderRequest => requestOf(wanted, issuer, purpose);
  let findings: readonly Finding[] = [];
  const failed = (failure: AcmeFailure, nextAttemptMs: number): Unfinished => ({
    ...{ kind: 'failed', issuer: issuer.name, failure, findings, nextAttemptMs },
  });
  if (about.purpose === 'rehearsal' && issuer.stagingUrl === null)
    return failed(nothingToRehearseAt(issuer), Number.POSITIVE_INFINITY);
  // A name that fails again and again fails at staging first; only what went well there is tried for good.
  for (;;) {
    if (about.signal.aborted || !about.isWanted()) return { kind: 'given-up' };
    const entry = await ledger.begin(request(about.purpose));
    if (!entry.ok) return { ...entry, kind: 'not-yet' };
    const { where, rehearsal } = entry.attempt.order;
    let signed: Signed;
    try {
      findings = await look(wanted, issuer, tools, about.signal);
      const refusal = preflightFailure(findings, ledger.refusals(wanted.names, issuer.name));
      if (refusal !== null) throw refusal;
      signed = await ordered(issuer, where, wanted, tools, about);
    } catch (error) {
      if (about.signal.aborted) {
        await ledger.abandon(entry.attempt).catch((unwritten: unknown) => untold(unwritten, tools));
        return { kind: 'given-up' };
      }
      const failure = asFailure(error);
      const waits = waitAtMost(about.held, clock.now());
      await ledger.fail(entry.attempt, failure, waits).catch((unwritten: unknown) => untold(unwritten, tools));
      const next = ledger.mayOrder(request('needed'));
      return failed(failure, next.ok ? clock.now() + pauseMs : next.notBeforeMs);
    }
    const { certificate, settle } = signed;
    const lifeMs = certificate.notAfterMs - certificate.notBeforeMs;
    await ledger.succeed(entry.attempt, { lifeMs }).catch((error: unknown) => untold(error, tools));
    if (where === 'production' && !rehearsal) {
      const held = { certificate, issuer: issuer.name, directoryUrl: issuer.directoryUrl, wantedId: wanted.id };
      return { kind: 'issued', held, settle };
    }
    await settle().catch((error: unknown) => {
      tools.log.warn({ err: error }, 'a finished order could not be forgotten; it will be found again');
    });
    if (rehearsal) return { kind: 'would-be-issued', issuer: issuer.name };
  }
}

/** What cannot be looked at holds no order back: the issuer will say. */
async function look(
  wanted: AcmeWanted,
  issuer: Issuer,
  { preflight, log }: KeeperTools,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  try {
    return await preflight(wanted, issuer, signal);
  } catch (error) {
    signal.throwIfAborted();
    log.warn({ names: wanted.names, err: error }, 'names could not be looked at before their order');
    return [];
  }
}

interface Signed {
  readonly certificate: Certificate;
  settle(): Promise<void>;
}

async function ordered(
  issuer: Issuer,
  where: 'production' | 'staging',
  wanted: AcmeWanted,
  tools: KeeperTools,
  { held, signal }: AttemptAbout,
): Promise<Signed> {
  const there = where === 'staging' ? { ...issuer, directoryUrl: issuer.stagingUrl ?? issuer.directoryUrl } : issuer;
  // An issuer knows only its own certificates, and only those for the same names (RFC 9773 §5).
  const isSame = held?.issuer === issuer.name && held.wantedId === wanted.id;
  const replaces = where === 'production' && isSame ? held.certificate.chainPem : null;
  const signed = await tools.order({ wanted, issuer: there, replaces, signal });
  const reading = readCertificate({ ...signed, nowMs: tools.clock.now() });
  if (reading.ok) return { certificate: reading.certificate, settle: () => signed.settle() };
  const detail = `the issuer sent a certificate that cannot be used: ${reading.fault}`;
  throw new AcmeFailure({ type: '', status: null, detail, subproblems: [] }, { stage: 'download' });
}

/** The ledger knows it until the process ends; what was signed must not be lost for that. */
function untold(error: unknown, { log }: KeeperTools): void {
  log.error({ err: error }, 'how an order ended could not be written into the ledger');
}

function nothingToRehearseAt({ name }: Issuer): AcmeFailure {
  const setting = `${issuerSettings(name)}STAGING`;
  const detail = `there is no staging directory to try an order at: set ${setting}`;
  return new AcmeFailure({ type: '', status: null, detail, subproblems: [] }, { stage: 'preflight' });
}

function asFailure(error: unknown): AcmeFailure {
  if (error instanceof AcmeFailure) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new AcmeFailure({ type: '', status: null, detail, subproblems: [] }, { stage: 'order', cause: error });
}

/** A renewal is tried more often as the end comes near. */
function waitAtMost(held: HeldCertificate | null, nowMs: number): { readonly waitMsMax?: number } {
  return held === null ? {} : { waitMsMax: retryWaitMsMax(held.certificate, nowMs) };
}

/** The issuer's own trouble: its service, our account there, its limits. */
function mayDoElsewhere({ stage, problem }: AcmeFailure): boolean {
  return (stage !== 'challenge' && stage !== 'preflight') || problem.type.endsWith(':rateLimited');
}

/** A failure tells more than a pause; the next attempt is due when one of the issuers may be asked again. */
function tellingOf(one: Unfinished, other: Unfinished): Unfinished {
  const dueMs = Math.min(timeOf(one), timeOf(other));
  const telling = one.kind === 'failed' || other.kind === 'not-yet' ? one : other;
  return telling.kind === 'failed' ? { ...telling, nextAttemptMs: dueMs } : { ...telling, notBeforeMs: dueMs };
}

function timeOf(outcome: Unfinished): number {
  return outcome.kind === 'failed' ? outcome.nextAttemptMs : outcome.notBeforeMs;
}
