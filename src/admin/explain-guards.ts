import { durationText } from '../base/duration.ts';
import { sizeText } from '../base/size.ts';
import { failureKind } from '../http/failure.ts';
import { readTarget } from '../http/target.ts';
import type { LimitKey } from '../labels/options.ts';
import { standing } from '../limit/gcra.ts';
import type { LimitReading } from '../limit/limit-reading.ts';
import type { Rehearsed } from '../proxy/rehearsal.ts';
import type { AuthPolicy, LimitPolicy } from '../routing/guards.ts';
import type { Question } from '../routing/question.ts';
import type { RoutePolicy } from '../routing/table.ts';
import { exceptedPaths } from '../steps/excepted-paths.ts';
import { corsText } from './explain-cors.ts';
import type { Decision } from './explain-decision.ts';
import { type Judged, passes, type StepLine } from './explain-step.ts';

/** What protects the route, in the order in which it is asked, and the preflights between. */
export function addGuards(
  line: StepLine,
  { guards, cors }: Pick<RoutePolicy, 'guards' | 'cors'>,
  question: Question,
  decision: Decision,
): void {
  const { allow, deny, limit, auth, bodyBytesMax } = guards;
  const judged = (step: string): Judged => judgeStep(decision.rehearsed, step);
  if (allow !== null || deny.length > 0) {
    const address = judged('address');
    const verdict = address.verdict === 'stop' ? 'may not come' : 'may come';
    line.add(allow === null ? 'deny' : 'allow', `${question.clientAddress} ${verdict}`, address);
  }
  if (limit !== null) line.add('limit', limitText(limit, decision), judged('limit'));
  if (cors !== null) line.add('cors', corsText(cors, question), judged('cors'));
  if (auth !== null) line.add('auth', authText(auth, question, decision), judged('auth'));
  if (bodyBytesMax !== null)
    line.add('maxbody', `a body of more than ${sizeText(bodyBytesMax)} is refused with 413`, judged('maxbody'));
}

/** By what the step itself came to; one that was not asked passes, and is not reached. */
export function judgeStep(rehearsed: readonly Rehearsed[], step: string, letsGo: Judged = passes): Judged {
  const one = rehearsed.find((found) => found.step === step);
  if (one === undefined || one.verdict === 'pass') return letsGo;
  const { verdict, answer } = one;
  if (answer === null) return { verdict };
  switch (answer.kind) {
    case 'failure':
      return { verdict, status: answer.status ?? failureKind(answer.reason).status, reason: answer.reason };
    case 'answer':
      return { verdict, status: answer.head.status, reason: answer.reason };
    case 'no-content':
      return { verdict, status: 204, reason: 'preflight' };
    default:
      return answer satisfies never;
  }
}

function limitText(policy: LimitPolicy, { reading, rehearsed }: Decision): string {
  const { rate, burst, delay, key, status } = policy;
  const beyond = delay ? 'wait for their turn' : 'at once';
  const rest = burst === 0 ? '' : `, and ${burst} beyond it ${beyond}`;
  const agreed = `${rate.count} in ${durationText(rate.perMs)} by ${keyText(key)}${rest}; then ${status}`;
  if (reading !== null) return `${agreed}. Now: ${standingText(policy, reading)}`;
  const why = rehearsed.find(({ step }) => step === 'limit')?.why ?? '';
  return why === '' ? agreed : `${agreed}. How much of it is used up cannot be said: ${why}`;
}

function standingText({ rate, burst, delay }: LimitPolicy, { backlogMs, countedBy }: LimitReading): string {
  const found = standing(backlogMs, { intervalMs: rate.perMs / rate.count, burst });
  const by = { 'this-proxy': '', 'all-proxies': ', counted over all proxies', 'this-proxy-alone': aloneText }[
    countedBy
  ];
  if (!found.admitted) return `used up, and one more may come in ${secondsText(found.nextMs)}${by}`;
  const waits = delay && found.waitMs >= 1 ? `let through after ${secondsText(found.waitMs)}` : 'let through';
  return `${waits}, ${found.remaining} more could come at once${by}`;
}

const aloneText = ', counted by this proxy alone, because the shared store does not answer';

function secondsText(ms: number): string {
  return `${Math.max(0.1, Math.ceil(ms / 100) / 10)} s`;
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
function authText(auth: AuthPolicy, question: Question, { user, rehearsed }: Decision): string {
  if (exceptedPaths(auth.except)(readTarget(question.target)?.normalised ?? '')) return 'the path is excepted';
  const why = rehearsed.find(({ step }) => step === 'auth')?.why ?? '';
  if (auth.kind === 'forward') return why === '' ? 'another server decides' : why;
  if (user !== null) return `${user} is signed in`;
  if (why !== '') return `a name and a password, else 401; ${why}`;
  const given = question.headers.has('authorization') ? 'those that were given are not right' : 'none were given';
  return `a name and a password, else 401; ${given}`;
}
