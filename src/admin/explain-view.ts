import { hostAndPort } from '../http/authority.ts';
import { failureKind, type Reason } from '../http/failure.ts';
import type { Problem } from '../labels/problem.ts';
import type { PeerForesight } from '../proxy/foresight.ts';
import { shownState } from '../routing/backend-state.ts';
import type { BuiltTable, RouteDetail } from '../routing/build.ts';
import type { Explanation } from '../routing/explain.ts';
import type { BackendState } from '../routing/table.ts';
import { peerId } from '../upstream/peer.ts';
import type { AdminContext } from './admin-context.ts';
import { CertificateIndex } from './certificate-index.ts';
import { answerOf, type OwnAnswerView } from './explain-answer.ts';
import { isForStoresAlone } from './explain-cache.ts';
import { type Decision, decide, undecided } from './explain-decision.ts';
import { headerNotes } from './explain-notes.ts';
import { explainPick, noPick, type PickView } from './explain-pick.ts';
import type { AskedRequest } from './explain-request.ts';
import type { StepView } from './explain-step.ts';
import { explainSteps } from './explain-steps.ts';
import { explainTls, type TlsExplanation } from './explain-tls.ts';
import { type Unserved, unservedOf } from './explain-unserved.ts';
import { liveDetail, statesWithEjected } from './live-detail.ts';
import { takesRequests, whyFailing } from './route-state.ts';

/** What `GET /explain` answers. */
export interface ExplainView {
  readonly url: string;
  readonly method: string;
  /** The real client address, after believing, or not, what a proxy in front says. */
  readonly ip: string;
  readonly outcome: Explanation['outcome'];
  /** Id of the route; null where there is none. */
  readonly route: string | null;
  readonly tls: Pick<TlsExplanation, 'scheme' | 'does' | 'certificate'>;
  /** One sentence: why this route, or why none. */
  readonly why: string;
  /** What becomes of the headers before the route is asked, in sentences. */
  readonly notes: readonly string[];
  /** What the client gets from the proxy itself; null where a backend answers, or it depends on the worker whether one does. */
  readonly answer: OwnAnswerView | null;
  readonly candidates: readonly CandidateView[];
  /** In the order in which they work. */
  readonly steps: readonly StepView[];
  readonly backends: readonly BackendChance[];
  /** Name of the container that would get the request; null = by turns or by lot, or nobody. */
  readonly picked: string | null;
  /** How it is found, or why nobody can be named. */
  readonly pickedBy: string;
  /** Hosts that may have been meant, the nearest first. */
  readonly nearestHosts: readonly string[];
  /** What is wrong with the labels of the route's containers, as `/routes` has it of the route. */
  readonly problems: readonly Problem[];
  /** Containers that have the host in their labels, and no route for it. */
  readonly unserved: readonly Unserved[];
}

export interface CandidateView {
  readonly route: string;
  readonly verdict: 'taken' | 'lacking' | 'beaten';
  readonly lacked: readonly string[];
}

/** A backend of the route, and whether it could get the request. */
export interface BackendChance {
  readonly container: string;
  readonly address: string;
  readonly state: BackendState;
  /** May be asked. */
  readonly takes: boolean;
  /** Why not; '' where it may. */
  readonly reason: string;
  /** That it is this one, 0–1; null where that depends on more than weights. */
  readonly share: number | null;
  /** Requests there now, over all workers; null where the data plane did not say. */
  readonly inFlight: number | null;
}

/** What is known of one moment. */
export interface ExplainAbout {
  readonly asked: AskedRequest;
  readonly explanation: Explanation;
  readonly built: BuiltTable;
}

export async function explainView(
  { asked, explanation, built }: ExplainAbout,
  context: Pick<AdminContext, 'view' | 'passwords' | 'settings'>,
): Promise<ExplainView> {
  const { view, settings } = context;
  const { ejected } = await view.traffic();
  const { question, read, urlHost, secure, url } = asked;
  const { outcome, route, why, candidates, nearestHosts } = explanation;
  const found = route === null ? undefined : built.details.get(route.id);
  const detail = found === undefined ? undefined : liveDetail(found, (backend) => view.backendState(backend));
  const tls = explainTls({
    ...{ question, urlHost, secure, explanation, detail, settings },
    certificates: new CertificateIndex(view.certificates()),
    isReady: (host) => view.isReady(host),
  });
  const enters = tls.stands && !tls.misdirected && tls.entrance === 'open' && outcome !== 'refuse';
  const decision =
    enters && read !== null && detail !== undefined ? await decide(read, detail.route, context) : undecided;
  const asksBackend = outcome === 'pool' && enters;
  const chosen = detail !== undefined && asksBackend ? pickOf(detail, decision) : noPick('');
  const line =
    detail === undefined
      ? null
      : explainSteps({
          ...{ detail, question, decision, tls, pick: chosen },
          askedHost: read?.requester.identity.host ?? question.authority,
          bodyLength: read?.head.bodyLength ?? 0,
        });
  const stop = line?.stop ?? null;
  const pick = stop === null || stop.step === 'lb' ? chosen : noPick(`no backend is asked: ${stop.step} answers`);
  const shown = detail === undefined ? undefined : liveDetail(detail, statesWithEjected(view, ejected));
  return {
    ...{ url, method: question.method, ip: question.clientAddress, outcome, route: route?.id ?? null },
    tls: { scheme: tls.scheme, does: tls.does, certificate: tls.certificate },
    why,
    notes: headerNotes(asked),
    answer: answerOf({ asked, explanation, tls, stop, detail, pick, settings }),
    candidates: candidates.map(({ route: { id }, verdict, lacked }) => ({ route: id, verdict, lacked })),
    steps: line?.views ?? [],
    backends: shown === undefined ? [] : backendsOf(shown, pick),
    picked: pick.picked,
    pickedBy: pick.pickedBy + (shown !== undefined && asksSome(pick) ? failingWords(shown) : ''),
    nearestHosts,
    problems: detail?.problems ?? [],
    unserved: outcome === 'host-unknown' || outcome === 'no-route' ? unservedOf(question, view.snapshot(), built) : [],
  };
}

function pickOf(detail: RouteDetail, { foresights }: Decision): PickView {
  if (foresights !== null && isForStoresAlone(foresights)) return noPick('no backend is asked: cache answers');
  return explainPick(detail, foresights);
}

function asksSome({ picked, peers, nobody }: PickView): boolean {
  return nobody === null && (picked !== null || peers.size > 0);
}

/** That a request which is sent will fail, where it will. */
function failingWords({ route: { serving } }: RouteDetail): string {
  const failing = serving.kind === 'pool' ? whyFailing(serving.backends) : null;
  return failing === null ? '' : `; ${failing}`;
}

/** @param detail with what is left out for its failures. */
function backendsOf({ members }: RouteDetail, { peers, shares }: PickView): readonly BackendChance[] {
  return members.flatMap(({ backend }) => {
    if (backend === null) return [];
    const { container, host, port } = backend;
    const id = peerId(backend);
    const peer = peers.get(id);
    const ejected = backend.state === 'ejected';
    const { state, reason } = shownState({ ...backend, state: ejected ? 'ejected' : (peer?.state ?? backend.state) });
    const unfit = peer?.unfit ?? null;
    return [
      {
        ...{ container, address: host === '' ? '' : hostAndPort(host, port), state },
        takes: peer === undefined ? takesRequests(backend) : peer.state === 'healthy' && unfit === null,
        reason: ejected || unfit === null || unfit === 'drained' ? reason : unfitText(unfit, peer as PeerForesight),
        share: shares.get(id) ?? null,
        inFlight: peer?.inFlight ?? null,
      },
    ];
  });
}

function unfitText(unfit: Reason | 'ejected', { inFlight }: PeerForesight): string {
  switch (unfit) {
    case 'ejected':
      return 'left out for its failures (proxy.maxfails)';
    case 'backend-busy':
      return `it has ${inFlight} requests, as many as it may (proxy.maxconn)`;
    case 'backend-starting':
      return 'it has only just started, and refuses connections yet';
    case 'backend-refused':
      return 'it has just refused a connection';
    default:
      return failureKind(unfit).title;
  }
}
