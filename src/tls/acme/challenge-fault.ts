import { AcmeFailure, type AcmeProblem, type OrderStage } from './failure.ts';

/** A name that could not be proven, with the issuer's reason. */
export interface ChallengeFault {
  readonly name: string;
  /** `http-01`; '' where none could be tried. */
  readonly challenge: string;
  readonly problem: AcmeProblem;
}

/** Several problems in one (RFC 8555 §6.7.1). */
const compound = 'urn:ietf:params:acme:error:compound';

/** The failure of an order some of whose names could not be proven: each of them is a subproblem. */
export function challengeFailure(
  faults: readonly [ChallengeFault, ...ChallengeFault[]],
  stage: OrderStage = 'challenge',
): AcmeFailure {
  const [{ problem }] = faults;
  const subproblems = faults.map(({ name, challenge, problem: { type, detail } }) => ({
    name,
    type,
    detail: challenge === '' ? detail : `${challenge}: ${detail}`,
  }));
  const same = faults.every((fault) => fault.problem.type === problem.type);
  return new AcmeFailure(
    {
      type: same ? problem.type : compound,
      status: same ? problem.status : null,
      detail: subproblems.map(({ name, detail }) => `${name}: ${detail}`).join('; '),
      subproblems,
    },
    { stage },
  );
}
