import { inner, listAt, own, shapeOf, textAt } from '../../base/shape.ts';
import { type AcmeAnswer, nonsense } from './acme-answer.ts';
import type { AcmeProblem } from './failure.ts';
import { isUrl } from './order-document.ts';
import { problemDocument } from './problem-document.ts';

const statuses = ['pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked'] as const;

/** That a name is to be proven, or is (RFC 8555 §7.1.4). */
export interface AuthorizationDocument {
  readonly url: string;
  /** Without `*.`. */
  readonly name: string;
  readonly wildcard: boolean;
  readonly status: (typeof statuses)[number];
  readonly challenges: readonly OfferedChallenge[];
}

/** One way of the issuer to have it proven; types that nobody knows are among them. */
export interface OfferedChallenge {
  readonly type: string;
  readonly url: string;
  readonly token: string;
  readonly status: string;
  readonly error: AcmeProblem | null;
}

/** @throws AcmeFailure where the answer is no authorization. */
export function authorizationDocument({ data }: AcmeAnswer, url: string): AuthorizationDocument {
  const shape = shapeOf(data);
  const status = statuses.find((known) => known === textAt(shape, 'status'));
  const name = textAt(inner(shape, 'identifier'), 'value').toLowerCase();
  const challenges = listAt(shape, 'challenges').map(shapeOf);
  const offered = challenges.map((challenge) => ({
    type: textAt(challenge, 'type'),
    url: textAt(challenge, 'url'),
    token: textAt(challenge, 'token'),
    status: textAt(challenge, 'status'),
    error: problemDocument(inner(challenge, 'error'), null),
  }));
  if (!status || name === '') {
    throw nonsense('an authorization without a name or a status that is known', { stage: 'challenge', data });
  }
  return {
    url,
    name,
    wildcard: own(shape, 'wildcard') === true,
    status,
    // A token becomes part of a path that workers answer: RFC 8555 §8.1 leaves it these characters only.
    challenges: offered.filter((challenge) => isUrl(challenge.url) && /^[\w-]+$/.test(challenge.token)),
  };
}
