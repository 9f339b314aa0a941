import type { AcmeAnswer } from './acme-answer.ts';
import { atOnce } from './at-once.ts';
import { challengeFailure } from './challenge-fault.ts';
import { AcmeFailure, type AcmeProblem, type OrderStage } from './failure.ts';
import { type IssuedChain, issuedChain } from './issued-chain.ts';
import { type OrderDocument, type OrderStatus, orderDocument } from './order-document.ts';
import type { OrderShelf } from './order-shelf.ts';
import { poll } from './poll.ts';
import { type ProveAbout, proveName } from './prove-name.ts';

export interface IssuedCertificate extends IssuedChain {
  readonly keyPem: string;
  /** Forgets the order: to be called once the certificate is kept. Until then a crash gets it again from the same order. */
  settle(): Promise<void>;
}

export interface FinishAbout extends ProveAbout {
  readonly shelf: OrderShelf;
  /** The certificate's private key. */
  readonly keyPem: string;
  readonly names: readonly string[];
}

/**
 * Takes an order from whatever state it is in to its certificate.
 *
 * @throws AcmeFailure; the order is forgotten where it can never be finished, else the next run goes on with it.
 */
export async function finishOrder(order: OrderDocument, about: FinishAbout): Promise<IssuedCertificate> {
  const { keyPem, names, session, shelf } = about;
  const { status, certificate, error: problem } = await decided(order, about);
  if (status !== 'valid' || certificate === null) throw await forgotten(invalid(problem), about);
  const answer = await session.certificate(certificate).catch((error: unknown) => refused(error, about));
  try {
    return { ...issuedChain(answer, { keyPem, names }), keyPem, settle: () => shelf.forget() };
  } catch (error) {
    throw await forgotten(error, about);
  }
}

/** The order when it is valid, or invalid. */
async function decided(order: OrderDocument, about: FinishAbout): Promise<OrderDocument> {
  let last = order;
  if (last.status === 'pending') last = await proven(last, about);
  if (last.status === 'ready') last = await finalized(last, about);
  if (last.status === 'processing') {
    const answer = await about.session.getOrder(last.url, 'finalize');
    last = await until(['valid', 'invalid'], { order, stage: 'finalize', answer }, about);
  }
  return last;
}

/** The order once all its names are proven, several at a time. Names that failed are told together. */
async function proven(order: OrderDocument, about: FinishAbout): Promise<OrderDocument> {
  const { session } = about;
  const { namesAtOnce } = session.transport.about.limits;
  const verdicts = await atOnce(order.authorizations, namesAtOnce, (url) => proveName(url, about));
  const [first, ...others] = verdicts.filter((fault) => fault !== null);
  if (first) throw await forgotten(challengeFailure([first, ...others]), about);
  const answer = await session.getOrder(order.url, 'challenge');
  return until(['ready', 'processing', 'valid', 'invalid'], { order, stage: 'challenge', answer }, about);
}

async function finalized(order: OrderDocument, about: FinishAbout): Promise<OrderDocument> {
  const { session, keyPem, names } = about;
  const [, csr] = await session.transport.library.crypto.createCsr({ altNames: [...names] }, keyPem);
  const answer = await session.finalize(order, csr).catch((error: unknown) => refused(error, about));
  return until(['valid', 'invalid'], { order, stage: 'finalize', answer }, about);
}

function until(
  states: readonly OrderStatus[],
  from: { readonly order: OrderDocument; readonly stage: OrderStage; readonly answer: AcmeAnswer },
  { session }: FinishAbout,
): Promise<OrderDocument> {
  const { stage, answer: after } = from;
  const { url } = from.order;
  const settled = (answer: AcmeAnswer) => {
    const order = orderDocument(answer, url, stage);
    return states.includes(order.status) ? order : null;
  };
  const now = settled(after);
  if (now !== null) return Promise.resolve(now);
  return poll(
    { what: 'the order', stage, after, settled, ask: () => session.getOrder(url, stage) },
    session.transport.about,
  );
}

/** Asked again with the same key and names, the issuer would say no again. */
async function refused(error: unknown, about: FinishAbout): Promise<never> {
  const status = error instanceof AcmeFailure ? error.problem.status : null;
  throw status !== null && status >= 400 && status < 500 && status !== 429 ? await forgotten(error, about) : error;
}

async function forgotten(error: unknown, { shelf }: FinishAbout): Promise<unknown> {
  await shelf.forget();
  return error;
}

function invalid(problem: AcmeProblem | null): AcmeFailure {
  const words = 'the order is invalid, and the issuer gives no reason';
  return new AcmeFailure(problem ?? { type: '', status: null, detail: words, subproblems: [] }, { stage: 'finalize' });
}
