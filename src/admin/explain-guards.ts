import { durationText } from '../base/duration.ts';
import { sizeText } from '../base/size.ts';
import type { Reason } from '../http/failure.ts';
import { readTarget } from '../http/target.ts';
import type { LimitKey } from '../labels/options.ts';
import type { AuthPolicy, LimitPolicy } from '../routing/guards.ts';
import type { Question } from '../routing/question.ts';
import type { RoutePolicy } from '../routing/table.ts';
import { isAddressAllowed } from '../steps/check-address.ts';
import { exceptedPaths } from '../steps/excepted-paths.ts';
import { corsText, isPreflight } from './explain-cors.ts';
import type { StepView } from './explain-steps.ts';

type Guarding = Pick<RoutePolicy, 'guards' | 'cors'>;

/** What protects the route, in the order in which it is asked, and the preflights between. */
export function guardSteps({ guards, cors }: Guarding, question: Question): readonly StepView[] {
  const { allow, deny, limit, auth, bodyBytesMax } = guards;
  const steps: StepView[] = [];
  if (allow !== null || deny.length > 0) {
    const { clientAddress } = question;
    const verdict = isAddressAllowed(guards)(clientAddress) ? 'may come' : 'is refused with 403 address-denied';
    steps.push(step(allow === null ? 'deny' : 'allow', `${clientAddress} ${verdict}`));
  }
  if (limit !== null) steps.push(step('limit', limitText(limit)));
  if (cors !== null) steps.push(step('cors', corsText(cors, question)));
  if (auth !== null) steps.push(step('auth', authText(auth, question)));
  if (bodyBytesMax !== null)
    steps.push(step('maxbody', `a body of more than ${sizeText(bodyBytesMax)} is refused with 413`));
  return steps;
}

/** Why the route refuses the request, as far as that is certain: whether a password is right, or a limit used up, it is not. */
export function refusalOf({ guards, cors }: Guarding, question: Question): Reason | null {
  if (!isAddressAllowed(guards)(question.clientAddress)) return 'address-denied';
  if (isPreflight(cors, question)) return null;
  const { auth } = guards;
  const asks = auth?.kind === 'basic' && !isExcepted(auth, question) && !question.headers.has('authorization');
  return asks ? 'auth-required' : null;
}

function step(name: string, does: string): StepView {
  return { step: name, active: true, does };
}

function limitText({ rate: { count, perMs }, burst, delay, key, status }: LimitPolicy): string {
  const beyond = delay ? 'wait for their turn' : 'at once';
  const rest = burst === 0 ? '' : `, and ${burst} beyond it ${beyond}`;
  return `${count} in ${durationText(perMs)} by ${keyText(key)}${rest}; then ${status}`;
}

function keyText(key: LimitKey): string {
  switch (key.kind) {
    case 'ip':
      return 'address';
    case 'host':
      return 'host';
    default:
      return `${key.kind} ${key.name}`;
  }
}

/** The address of the other server is a secret like the rest of the label. */
function authText(auth: AuthPolicy, question: Question): string {
  if (isExcepted(auth, question)) return 'the path is excepted';
  return auth.kind === 'basic' ? 'a name and a password, else 401' : 'another server decides';
}

function isExcepted({ except }: AuthPolicy, { target }: Question): boolean {
  return exceptedPaths(except)(readTarget(target)?.normalised ?? '');
}
