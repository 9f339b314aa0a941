import type { AcmeSession } from './acme-session.ts';
import { type AuthorizationDocument, authorizationDocument, type OfferedChallenge } from './authorization-document.ts';
import { type ChallengeKind, challengeTypes, chooseChallenge } from './challenge-choice.ts';
import type { ChallengeFault } from './challenge-fault.ts';
import type { AcmeProblem } from './failure.ts';
import { poll } from './poll.ts';
import { type ShowAbout, showChallenge } from './show-challenge.ts';

export interface ProveAbout extends ShowAbout {
  readonly preference: readonly ChallengeKind[];
}

/**
 * Proves one name of an order to its issuer; a name that is proven already costs one request.
 *
 * @returns null, or why the issuer does not believe it.
 * @throws AcmeFailure where the way there is broken, which is not the name's fault.
 */
export async function proveName(url: string, about: ProveAbout): Promise<ChallengeFault | null> {
  const authorization = authorizationDocument(await about.session.getAuthorization(url), url);
  if (authorization.status !== 'pending') return verdict(authorization, null);
  const choice = chooseChallenge(authorization, { preference: about.preference, dns: about.dns !== null });
  if (choice.kind === 'none') return { name: nameOf(authorization), challenge: '', problem: inWords(choice.why) };
  const { kind, challenge } = choice;
  const shown = await showChallenge(kind, { authorization, challenge }, about);
  try {
    return verdict(await checked(url, challenge, about.session), challengeTypes[kind]);
  } finally {
    await shown.remove();
  }
}

/** Has the issuer look, and waits until it has made up its mind. */
async function checked(
  url: string,
  { url: challengeUrl }: OfferedChallenge,
  session: AcmeSession,
): Promise<AuthorizationDocument> {
  const wish = {
    what: 'a challenge',
    stage: 'challenge' as const,
    after: await session.completeChallenge(challengeUrl),
    ask: () => session.getAuthorization(url),
    settled(answer: Awaited<ReturnType<AcmeSession['getAuthorization']>>) {
      const authorization = authorizationDocument(answer, url);
      return authorization.status === 'pending' ? null : authorization;
    },
  };
  return poll(wish, session.transport.about);
}

function verdict(authorization: AuthorizationDocument, challenge: string | null): ChallengeFault | null {
  const { status, challenges } = authorization;
  if (status === 'valid') return null;
  const failed = challenges.find(({ error }) => error !== null);
  const problem = failed?.error ?? inWords(`the authorization is ${status}, and the issuer gives no reason`);
  return { name: nameOf(authorization), challenge: failed?.type ?? challenge ?? '', problem };
}

const nameOf = ({ name, wildcard }: AuthorizationDocument) => (wildcard ? `*.${name}` : name);

function inWords(detail: string): AcmeProblem {
  return { type: '', status: null, detail, subproblems: [] };
}
