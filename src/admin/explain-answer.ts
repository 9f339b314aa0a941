import { failureKind, failureKinds, type Reason } from '../http/failure.ts';
import type { Explanation } from '../routing/explain.ts';
import type { RouteDetail } from '../routing/route-detail.ts';
import type { AdminContext } from './admin-context.ts';
import type { PickView } from './explain-pick.ts';
import type { AskedRequest } from './explain-request.ts';
import type { StepView } from './explain-step.ts';
import { heldText } from './explain-steps.ts';
import type { TlsExplanation } from './explain-tls.ts';
import { routeState } from './route-state.ts';

/** What a client gets where no backend answers it. */
export interface OwnAnswerView {
  /** null = no answer at all: the connection does not stand, or is closed. */
  readonly status: number | null;
  /** A word of docs/reasons.md, or `redirect`, `preflight`, `cached`, `no-connection`. */
  readonly reason: string;
  readonly meaning: string;
}

interface AnswerAbout {
  readonly asked: AskedRequest;
  readonly explanation: Explanation;
  readonly tls: TlsExplanation;
  /** The step that stops the request; null = none does. */
  readonly stop: StepView | null;
  readonly detail: RouteDetail | undefined;
  readonly pick: PickView;
  readonly settings: Pick<AdminContext['settings'], 'unknownHost'>;
}

/** What the client gets from the proxy itself; null where a backend answers. */
export function answerOf(about: AnswerAbout): OwnAnswerView | null {
  const { asked, explanation, tls, stop, detail, pick, settings } = about;
  const { outcome } = explanation;
  if (outcome === 'host-unknown' && settings.unknownHost === 'close')
    return {
      ...{ status: null, reason: outcome },
      meaning: 'the connection is closed without an answer (FAIRLEAD_UNKNOWN_HOST=close)',
    };
  if (!tls.stands) return { status: null, reason: 'no-connection', meaning: tls.does };
  if (outcome === 'bad-request') return failed(asked.refusal?.reason ?? outcome);
  if (tls.misdirected) return failed('misdirected');
  if (outcome === 'no-route' || outcome === 'uri-too-long') return failed(outcome);
  if (outcome === 'host-unknown') return { ...failed(outcome), status: Number(settings.unknownHost) };
  if (stop !== null)
    return { ...stopped(stop, tls), ...(outcome === 'refuse' && detail !== undefined ? whyClosed(detail) : {}) };
  if (pick.nobody === null) return null;
  const { reason, heldMs } = pick.nobody;
  const answer = failed(reason);
  return heldMs === null
    ? answer
    : { ...answer, meaning: `${answer.meaning}, once it was held for ${heldText(heldMs)}` };
}

function whyClosed(detail: RouteDetail): Pick<OwnAnswerView, 'meaning'> {
  return { meaning: routeState(detail).why };
}

function stopped({ step, status, reason, does }: StepView, { location }: TlsExplanation): OwnAnswerView {
  if (reason === 'redirect')
    return {
      status,
      reason,
      meaning: step === 'redirect' ? does.replace(/^.*? to /, 'redirected to ') : `redirected to ${location}`,
    };
  if (reason === 'preflight') return { status, reason, meaning: 'answered by the proxy itself (proxy.cors)' };
  if (step === 'cache' && reason !== 'not-cached')
    return { status, reason: 'cached', meaning: `answered from the store, and no backend is asked (${reason})` };
  const isKnown = reason !== null && Object.hasOwn(failureKinds, reason);
  return { status, reason: reason ?? step, meaning: isKnown ? failureKind(reason as Reason).title : does };
}

function failed(reason: Reason): OwnAnswerView {
  const { status, title } = failureKind(reason);
  return { status, reason, meaning: title };
}
