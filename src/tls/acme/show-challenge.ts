import type { Log } from '../../base/log.ts';
import type { AcmeSession } from './acme-session.ts';
import type { AuthorizationDocument, OfferedChallenge } from './authorization-document.ts';
import type { ChallengeAnswer, ChallengeBoard, DnsRecords } from './challenge.ts';
import type { ChallengeKind } from './challenge-choice.ts';
import { AcmeFailure } from './failure.ts';
import { within } from './within.ts';

export interface ShowAbout {
  readonly session: AcmeSession;
  readonly board: ChallengeBoard;
  /** Null = none can be set, so `dns` is never chosen. */
  readonly dns: DnsRecords | null;
  readonly log: Log;
}

/** A challenge's answer, where the issuer can see it. */
export interface ShownChallenge {
  /** Takes it back; waits for that, within bounds, and never fails. */
  remove(): Promise<void>;
}

/**
 * Puts the answer to a challenge where the issuer will look for it.
 *
 * @throws AcmeFailure where that is not possible or takes too long.
 */
export async function showChallenge(
  kind: ChallengeKind,
  of: { readonly authorization: AuthorizationDocument; readonly challenge: OfferedChallenge },
  about: ShowAbout,
): Promise<ShownChallenge> {
  const { name } = of.authorization;
  const keyAuthorization = await about.session.keyAuthorization(of.challenge);
  switch (kind) {
    case 'http':
      return onBoard({ kind, name, token: of.challenge.token, keyAuthorization }, about);
    case 'alpn':
      return onBoard({ kind, name, ...(await alpnCertificate(name, keyAuthorization, about)) }, about);
    case 'dns':
      return asRecord(name, keyAuthorization, about);
    default:
      throw kind satisfies never;
  }
}

/** A certificate with the digest of the key authorization in it (RFC 8737 §3). */
async function alpnCertificate(name: string, keyAuthorization: string, { session }: ShowAbout) {
  const { crypto } = session.transport.library;
  type Authorization = Parameters<typeof crypto.createAlpnCertificate>[0];
  const authorization = { identifier: { type: 'dns', value: name } } as Authorization;
  const ownKey = await crypto.createPrivateEcdsaKey('P-256');
  const [keyPem, chainPem] = await crypto.createAlpnCertificate(authorization, keyAuthorization, ownKey);
  return { keyPem: keyPem.toString(), chainPem: chainPem.toString() };
}

async function onBoard(answer: ChallengeAnswer, { session, board }: ShowAbout): Promise<ShownChallenge> {
  const { clock, signal, limits } = session.transport.about;
  const overdue = () => notShown(`the workers did not show it within ${limits.showMsMax / 1000} s`);
  const late = (shown: { remove(): void }) => shown.remove();
  const bound = { clock, signal, ms: limits.showMsMax, overdue, late };
  const shown = await within(bound, () => board.show(answer)).catch(asFailure(signal));
  return { remove: async () => shown.remove() };
}

async function asRecord(name: string, value: string, about: ShowAbout): Promise<ShownChallenge> {
  const { dns, log, session } = about;
  if (!dns) throw notShown('the issuer has no access to DNS in the settings');
  const { clock, signal, limits } = session.transport.about;
  type Added = Awaited<ReturnType<DnsRecords['add']>>;
  const overdue = () => notShown(`the TXT record was not told within ${limits.recordMsMax / 1000} s`);
  // Not by the order's signal: a record is taken away all the more when the order was given up.
  const remove = (added: Added) =>
    within({ clock, signal: null, ms: limits.recordMsMax, overdue }, () => added.remove()).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ name, reason }, 'the TXT record of a challenge was left behind');
    });
  const bound = { clock, signal, ms: limits.recordMsMax, overdue, late: remove };
  const added = await within(bound, (ending) => dns.add(name, value, ending)).catch(asFailure(signal));
  return { remove: () => remove(added) };
}

function asFailure(signal: AbortSignal): (error: unknown) => never {
  return (error) => {
    if (error instanceof AcmeFailure || signal.aborted) throw error;
    throw notShown(error instanceof Error ? error.message : String(error), error);
  };
}

function notShown(why: string, cause?: unknown): AcmeFailure {
  const detail = `the answer to the challenge cannot be shown: ${why}`;
  return new AcmeFailure({ type: '', status: null, detail, subproblems: [] }, { stage: 'challenge', cause });
}
