import { isIP } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { type AcmeAccounts, isLostAccount } from './acme-accounts.ts';
import type { AcmeSession, OrderRequest } from './acme-session.ts';
import type { AcmeStore } from './acme-store.ts';
import { AcmeTransport } from './acme-transport.ts';
import { certificateId } from './certificate-id.ts';
import type { ChallengeBoard, DnsRecords } from './challenge.ts';
import { type ChallengeKind, waysToProve } from './challenge-choice.ts';
import { challengeFailure } from './challenge-fault.ts';
import { readDirectory } from './directory.ts';
import { AcmeFailure } from './failure.ts';
import { finishOrder, type IssuedCertificate } from './finish-order.ts';
import type { Issuer } from './issuer.ts';
import { type OrderDocument, orderDocument } from './order-document.ts';
import { defaultOrderLimits, type OrderLimits } from './order-limits.ts';
import { OrderShelf, type UnfinishedOrder } from './order-shelf.ts';

export interface OrderWish {
  /** For a try without cost its `directoryUrl` is that of the staging. */
  readonly issuer: Issuer;
  /** Lower case, A-labels; at least one, wildcards and IP addresses among them. */
  readonly names: readonly string[];
  /** In order of preference; empty = whatever works. */
  readonly challenges: readonly ChallengeKind[];
  /** PEM of the certificate that this one is to replace; null = it is the first. */
  readonly replaces: string | null;
}

export interface OrderAbout {
  readonly board: ChallengeBoard;
  readonly dns: DnsRecords | null;
  readonly accounts: AcmeAccounts;
  /** Where the order and the certificate's key are kept until it is finished. */
  readonly store: AcmeStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly limits?: OrderLimits;
}

/**
 * Orders a certificate (RFC 8555 §7.4) and gives it with its fresh ECDSA P-256 key. An order that an earlier run has left
 * unfinished is finished instead of spending another.
 *
 * @throws AcmeFailure with the whole problem of the issuer; the signal's reason when it fires. Challenges are taken back in
 *   every case.
 */
export async function runOrder(wish: OrderWish, about: OrderAbout): Promise<IssuedCertificate> {
  const { clock, signal, limits = defaultOrderLimits } = about;
  const transport = await AcmeTransport.open(wish.issuer, { clock, signal, limits });
  try {
    refuseUnprovable(wish, about);
    const request = await orderRequest(wish, transport);
    const session = await about.accounts.open(transport);
    try {
      return await withSession(session, request, wish, about);
    } catch (error) {
      if (!isLostAccount(error)) throw error;
      await about.accounts.lost(wish.issuer, session.accountUrl);
      about.log.warn({ issuer: wish.issuer.name }, 'the issuer has lost our account: making it again');
      return await withSession(await about.accounts.open(transport), request, wish, about);
    }
  } finally {
    transport.close();
  }
}

async function withSession(
  session: AcmeSession,
  request: OrderRequest,
  { issuer, names, challenges, replaces }: OrderWish,
  about: OrderAbout,
): Promise<IssuedCertificate> {
  const { directoryUrl, profile } = issuer;
  const shelf = new OrderShelf(about.store, { directoryUrl, profile, names });
  const finish = (order: OrderDocument, { keyPem }: UnfinishedOrder) =>
    finishOrder(order, { session, shelf, keyPem, names, preference: challenges, ...about });
  const left = await shelf.read();
  const leftOrder = left && (await stillOpen(left, session));
  if (left && leftOrder) {
    const issued = await finish(leftOrder, left);
    if (isWorthHaving(issued, replaces, about.clock.now())) return issued;
  }
  const keyPem = (await session.transport.library.crypto.createPrivateEcdsaKey('P-256')).toString();
  // Before the order: where nothing can be kept, nothing is spent.
  await shelf.keep({ keyPem, url: '', accountUrl: session.accountUrl });
  const order = await newOrder(session, request);
  const unfinished = { keyPem, url: order.url, accountUrl: session.accountUrl };
  await shelf.keep(unfinished);
  return finish(order, unfinished);
}

/** What the issuer says of an order that was left; null where it cannot be finished any more. */
async function stillOpen(left: UnfinishedOrder, session: AcmeSession): Promise<OrderDocument | null> {
  if (left.url === '' || left.accountUrl !== session.accountUrl) return null;
  try {
    const order = orderDocument(await session.getOrder(left.url, 'order'), left.url, 'order');
    return order.status === 'invalid' ? null : order;
  } catch (error) {
    if (isLostAccount(error)) throw error;
    // Orders expire, and then their URL leads nowhere: only an issuer that does not answer is asked for no new one.
    if (error instanceof AcmeFailure && isForgotten(error.problem.status)) return null;
    throw error;
  }
}

const isForgotten = (status: number | null) => status !== null && status >= 400 && status < 500 && status !== 429;

/**
 * A finished order may have been left by a crash after its certificate was kept: then it brings the very one that is to be
 * replaced, or one that is at the end of its life.
 */
function isWorthHaving(issued: IssuedCertificate, replaces: string | null, nowMs: number): boolean {
  const { chainPem, notBeforeMs, notAfterMs } = issued;
  if (replaces !== null && certificateId(chainPem) === certificateId(replaces)) return false;
  return nowMs < notBeforeMs + ((notAfterMs - notBeforeMs) * 2) / 3;
}

async function newOrder(session: AcmeSession, request: OrderRequest): Promise<OrderDocument> {
  const { replaces, ...plain } = request;
  try {
    return await session.createOrder(request);
  } catch (error) {
    if (replaces === undefined || !(error instanceof AcmeFailure) || !refusesReplaces(error)) throw error;
    return session.createOrder(plain);
  }
}

/** RFC 9773 §5: the certificate was replaced before, or the issuer does not know it (any more). The order itself may be fine. */
function refusesReplaces({ problem: { type, status, detail } }: AcmeFailure): boolean {
  return type === 'urn:ietf:params:acme:error:alreadyReplaced' || status === 409 || /\breplace/i.test(detail);
}

/** @throws AcmeFailure for names that no challenge could prove, before an order is spent on them. */
function refuseUnprovable({ names, challenges }: OrderWish, { dns }: OrderAbout): void {
  const [first, ...others] = names.flatMap((name) => {
    const ways = waysToProve(name, { preference: challenges, dns: dns !== null });
    if (ways.kind === 'some') return [];
    return [{ name, challenge: '', problem: { type: '', status: null, detail: ways.why, subproblems: [] } }];
  });
  if (first) throw challengeFailure([first, ...others], 'preflight');
}

async function orderRequest({ issuer, names, replaces }: OrderWish, transport: AcmeTransport): Promise<OrderRequest> {
  const { profiles, renewalInfoUrl } = await readDirectory(transport);
  const { profile } = issuer;
  if (profile !== null && !profiles.includes(profile)) {
    const offer = profiles.length > 0 ? `it offers ${profiles.join(', ')}` : 'it offers none';
    const detail = `the issuer has no profile called ${profile}: ${offer}`;
    throw new AcmeFailure({ type: '', status: null, detail, subproblems: [] }, { stage: 'directory' });
  }
  const replacedId = renewalInfoUrl !== null && replaces !== null ? certificateId(replaces) : null;
  return {
    identifiers: names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
    ...(profile === null ? {} : { profile }),
    ...(replacedId === null ? {} : { replaces: replacedId }),
  };
}
