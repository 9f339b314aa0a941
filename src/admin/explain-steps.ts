import { durationText } from '../base/duration.ts';
import { failureKind } from '../http/failure.ts';
import type { BodyLength } from '../http/head.ts';
import { fillTemplate } from '../http/request-template.ts';
import { stripPrefix } from '../http/target.ts';
import { withoutUserInfo } from '../http/user-info.ts';
import type { LoadBalancing } from '../labels/options.ts';
import { problemSentence } from '../labels/problem-sentence.ts';
import type { Question } from '../routing/question.ts';
import type { RouteDetail } from '../routing/route-detail.ts';
import type { RoutePolicy } from '../routing/table.ts';
import { pathRewriter, type Rewritten } from '../steps/rewrite-path.ts';
import { addAnswerSteps, editText } from './explain-answer-steps.ts';
import { cacheText, judgeCache } from './explain-cache.ts';
import type { Decision } from './explain-decision.ts';
import { addGuards, judgeStep } from './explain-guards.ts';
import type { PickView } from './explain-pick.ts';
import { changes, type Judged, passes, StepLine } from './explain-step.ts';
import type { TlsExplanation } from './explain-tls.ts';
import { optionsToCome } from './option-view.ts';
import { routeState } from './route-state.ts';

export interface StepsAbout {
  readonly detail: RouteDetail;
  readonly question: Question;
  readonly decision: Decision;
  readonly tls: TlsExplanation;
  readonly pick: PickView;
  /** As the client asked for it, or as a trusted proxy says that it did. */
  readonly askedHost: string;
  readonly bodyLength: BodyLength;
}

/** What the route would do to a request, in the order in which it does it (docs/life-of-a-request.md). */
export function explainSteps(about: StepsAbout): StepLine {
  const { detail, question, decision, tls } = about;
  const { policy, serving } = detail.route;
  const line = new StepLine();
  if (!tls.stands || tls.misdirected) line.close();
  for (const step of optionsToCome(detail)) line.addInactive(step);
  switch (serving.kind) {
    case 'refuse':
      addClosed(line, detail, serving.reason);
      break;
    case 'redirect': {
      addEntrance(line, about);
      addGuards(line, policy, question, decision);
      const { status, location } = serving;
      const does = `answers ${status} to ${redirectTarget(location, about)}`;
      line.add('redirect', does, { verdict: 'stop', status, reason: 'redirect' });
      break;
    }
    case 'pool':
      addEntrance(line, about);
      addGuards(line, policy, question, decision);
      addPathSteps(line, policy, about);
      for (const edit of policy.requestHeaders) line.add('reqheader', editText(edit), changes);
      addBackendSteps(line, about);
      break;
    default:
      return serving satisfies never;
  }
  addAnswerSteps(line, policy, question);
  return line;
}

/** A label that protects and cannot be honoured, or nothing to dial. */
function addClosed(line: StepLine, detail: RouteDetail, reason: Parameters<typeof failureKind>[0]): void {
  const { status } = failureKind(reason);
  const stops: Judged = { verdict: 'stop', status, reason };
  const [first] = detail.members.flatMap(({ spec }) => spec.closedBy);
  const step = first?.label.replace(/^proxy\./i, '') || 'lb';
  line.add(step, first === undefined ? routeState(detail).why : problemSentence(first), stops);
}

function addEntrance(line: StepLine, { tls, question, detail }: StepsAbout): void {
  if (tls.entrance === 'open') return;
  const step = detail.options['tls.client'] !== null && tls.entrance === 'refuse' ? 'tls.client' : 'http';
  if (tls.entrance === 'refuse') {
    line.add(step, tls.does, {
      verdict: 'stop',
      status: failureKind('https-required').status,
      reason: 'https-required',
    });
    return;
  }
  const status = question.method === 'GET' || question.method === 'HEAD' ? 301 : 308;
  line.add(step, tls.does, { verdict: 'stop', status, reason: 'redirect' });
}

/** What becomes of the path on its way to the backend. */
function addPathSteps(line: StepLine, { strip, rewrite }: RoutePolicy, { question, decision }: StepsAbout): void {
  const { target } = question;
  const stripped = stripPrefix(target, strip);
  if (strip !== '') {
    const isThere = stripped !== target;
    const does = isThere
      ? `${target} → ${stripped}; X-Forwarded-Prefix: ${strip}`
      : `nothing to remove: ${strip} is not in front`;
    line.add('strip', does, isThere ? changes : passes);
  }
  if (rewrite === null) return;
  const rewritten = pathRewriter(rewrite)(stripped);
  const changed = 'target' in rewritten && rewritten.target !== stripped;
  const judged = judgeStep(decision.rehearsed, 'rewrite', changed ? changes : passes);
  line.add('rewrite', rewriteText(stripped, rewritten), judged);
}

function rewriteText(target: string, rewritten: Rewritten): string {
  if ('reason' in rewritten)
    return `refused with ${failureKind(rewritten.reason).status} ${rewritten.reason}: what comes of ${target} is no path`;
  return rewritten.target === target ? `${target} stays as it is` : `${target} → ${rewritten.target}`;
}

function addBackendSteps(line: StepLine, { detail, question, decision, pick, bodyLength }: StepsAbout): void {
  const { policy } = detail.route;
  const { tunnel, foresights } = decision;
  if (policy.cache !== null && !tunnel) {
    const { says, ...judged } = judgeCache(foresights);
    const does = cacheText(policy.cache, { ...question, bodyLength });
    line.add('cache', line.goesOn ? `${does}. Now: ${says}` : does, judged);
  }
  if (!policy.ws) {
    const does = tunnel ? 'refused with 403 ws-disabled' : 'Upgrade would be refused with 403';
    line.add('ws', does, tunnel ? { verdict: 'stop', status: 403, reason: 'ws-disabled' } : passes);
  } else if (tunnel) line.add('ws', `a tunnel, closed after ${timeText(policy.wsIdleMs)} of silence`, changes);
  line.add('lb', `${balancingWords(policy.lb)}${line.goesOn ? pickText(pick) : ''}`, judgePick(pick));
  if (policy.sticky !== null)
    line.add('sticky', `a client stays with its container by the cookie ${policy.sticky.cookie}`);
  if (policy.retries > 0) line.add('retries', `up to ${policy.retries} more on another backend`);
  const times = [
    `connect within ${timeText(policy.connectMs)}`,
    `at most ${timeText(policy.sendMs)} between parts of the request`,
    `${timeText(policy.readMs)} between parts of the answer`,
  ];
  line.add('timeout', times.join(', '));
}

/** Who is held may be taken by a container that comes meanwhile: then nobody can say what comes of it. */
function judgePick({ nobody }: PickView): Judged {
  if (nobody === null) return passes;
  const { reason, heldMs } = nobody;
  if (heldMs !== null && heldMs > 0) return { verdict: 'unknown', status: failureKind(reason).status, reason };
  return { verdict: 'stop', status: failureKind(reason).status, reason };
}

function pickText({ picked, pickedBy, nobody }: PickView): string {
  if (picked !== null) return `. Now: ${picked}, ${pickedBy}`;
  if (nobody === null) return `. Now: ${pickedBy}`;
  const refused = `${failureKind(nobody.reason).status} ${nobody.reason}`;
  if (nobody.heldMs === null) return `. Now: ${pickedBy}: ${refused}`;
  if (nobody.heldMs === 0) return `. Now: ${pickedBy}, and nobody is expected: ${refused} at once`;
  return `. Now: ${pickedBy}, but somebody may come: held for ${heldText(nobody.heldMs)} at most, then ${refused}`;
}

export function heldText(ms: number): string {
  return durationText(ms < 1_000 ? Math.ceil(ms) : Math.ceil(ms / 100) * 100);
}

function balancingWords(lb: LoadBalancing): string {
  switch (lb.kind) {
    case 'roundrobin':
      return 'round robin by weight';
    case 'least':
      return 'the container with the fewest requests in flight for its weight';
    case 'random2':
      return 'of two containers by lot the one with fewer requests in flight for its weight';
    case 'iphash':
      return "by the client's address, the same one as long as it is there";
    case 'hash':
      return `by ${lb.by === 'uri' ? 'the URI' : `${lb.by} ${lb.name}`}, the same one as long as it is there`;
    case 'first':
      return 'the first container that can take it, by service and number';
    default:
      return lb satisfies never;
  }
}

/** As the data plane fills it. */
function redirectTarget(location: string, { question: { scheme, target }, askedHost }: StepsAbout): string {
  return fillTemplate(withoutUserInfo(location), { host: askedHost, target, scheme });
}

function timeText(ms: number): string {
  return ms === 0 ? 'any time' : durationText(ms);
}
