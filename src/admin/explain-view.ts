import { hostAndPort } from '../http/authority.ts';
import { failureKind, type Reason } from '../http/failure.ts';
import { shownState } from '../routing/backend-state.ts';
import type { BuiltTable, RouteDetail } from '../routing/build.ts';
import type { Explanation } from '../routing/explain.ts';
import type { Question } from '../routing/question.ts';
import type { BackendState, Route } from '../routing/table.ts';
import { firstInOrder } from '../upstream/balancer.ts';
import { Peer } from '../upstream/peer.ts';
import { peerPool } from '../upstream/peer-pool.ts';
import { pick } from '../upstream/pick.ts';
import type { AdminContext } from './admin-context.ts';
import type { CertificateIndex } from './certificate-index.ts';
import { isPreflight } from './explain-cors.ts';
import { refusalOf } from './explain-guards.ts';
import { asksForTunnel, redirectTarget, type StepView, stepViews } from './explain-steps.ts';
import { explainTls, type TlsExplanation } from './explain-tls.ts';
import { type BackendStates, liveDetail } from './live-detail.ts';
import { routeState, takesRequests } from './route-state.ts';

/** What `GET /explain` answers. */
export interface ExplainView {
  readonly url: string;
  readonly method: string;
  readonly ip: string;
  readonly outcome: Explanation['outcome'];
  /** Id of the route; null where there is none. */
  readonly route: string | null;
  readonly tls: Pick<TlsExplanation, 'scheme' | 'does' | 'certificate'>;
  /** One sentence: why this route, or why none. */
  readonly why: string;
  /** What the client gets from the proxy itself; null where a backend answers. */
  readonly answer: { readonly status: number | null; readonly reason: string; readonly meaning: string } | null;
  readonly candidates: readonly CandidateView[];
  /** In the order in which they work. */
  readonly steps: readonly StepView[];
  readonly backends: readonly {
    readonly container: string;
    readonly address: string;
    readonly state: BackendState;
    readonly takes: boolean;
    readonly reason: string;
  }[];
  readonly nearestHosts: readonly string[];
}

export interface CandidateView {
  readonly route: string;
  readonly verdict: 'taken' | 'lacking' | 'beaten';
  readonly lacked: readonly string[];
}

export function explainView(
  about: {
    readonly url: string;
    readonly question: Question;
    readonly explanation: Explanation;
    readonly built: BuiltTable;
    readonly certificates: CertificateIndex;
    /** As `ControlView` has it. */
    readonly isReady: (host: string) => boolean;
    readonly backendState: BackendStates;
  },
  settings: AdminContext['settings'],
): ExplainView {
  const { url, question, explanation, built, certificates, isReady, backendState } = about;
  const { outcome, route, why, candidates, nearestHosts } = explanation;
  const found = route === null ? undefined : built.details.get(route.id);
  const detail = found === undefined ? undefined : liveDetail(found, backendState);
  const tls = explainTls({ question, explanation, detail, certificates, isReady, settings });
  return {
    url,
    method: question.method,
    ip: question.clientAddress,
    outcome,
    route: route?.id ?? null,
    tls: { scheme: tls.scheme, does: tls.does, certificate: tls.certificate },
    why,
    answer: ownAnswer({ explanation, question, detail, settings, tls }),
    candidates: candidates.map(({ route: { id }, verdict, lacked }) => ({ route: id, verdict, lacked })),
    steps: detail === undefined ? [] : stepViews(detail, question),
    backends: detail === undefined ? [] : backendsOf(detail),
    nearestHosts,
  };
}

function backendsOf({ members }: RouteDetail): ExplainView['backends'] {
  return members.flatMap(({ backend }) => {
    if (backend === null) return [];
    const { container, host, port } = backend;
    const { state, reason } = shownState(backend);
    const address = host === '' ? '' : hostAndPort(host, port);
    return [{ container, address, state, takes: takesRequests(backend), reason }];
  });
}

function ownAnswer(about: {
  readonly explanation: Explanation;
  readonly question: Question;
  readonly detail: RouteDetail | undefined;
  readonly settings: AdminContext['settings'];
  readonly tls: TlsExplanation;
}): ExplainView['answer'] {
  const { explanation, question, detail, settings, tls } = about;
  const { outcome } = explanation;
  const route = detail?.route ?? null;
  const { unknownHost } = settings;
  switch (outcome) {
    case 'bad-request':
    case 'no-route':
      return failed(outcome);
    case 'host-unknown':
      if (unknownHost !== 'close') return { ...failed(outcome), status: Number(unknownHost) };
      return {
        status: null,
        reason: outcome,
        meaning: 'the connection is closed without an answer (FAIRLEAD_UNKNOWN_HOST=close)',
      };
    default:
      return route === null ? null : (entranceAnswer(route, question, tls) ?? routeAnswer(route, question, detail));
  }
}

/** What a plain request gets before the route is asked; null where it may enter. A closed route says nothing of certificates. */
function entranceAnswer(
  { serving }: Route,
  { method }: Question,
  { entrance, location }: TlsExplanation,
): ExplainView['answer'] {
  if (serving.kind === 'refuse' || entrance === 'open') return null;
  if (entrance === 'refuse') return failed('https-required');
  const status = method === 'GET' || method === 'HEAD' ? 301 : 308;
  return { status, reason: 'redirect', meaning: `redirected to ${location}` };
}

function routeAnswer(
  { serving, policy }: Route,
  question: Question,
  detail: RouteDetail | undefined,
): ExplainView['answer'] {
  const refusal = serving.kind === 'refuse' ? null : refusalOf(policy, question);
  if (refusal !== null) return failed(refusal);
  if (serving.kind !== 'refuse' && isPreflight(policy.cors, question))
    return { status: 204, reason: 'preflight', meaning: 'answered by the proxy itself (proxy.cors)' };
  switch (serving.kind) {
    case 'redirect':
      return {
        status: serving.status,
        reason: 'redirect',
        meaning: `redirected to ${redirectTarget(serving.location, question)}`,
      };
    case 'refuse':
      return { ...failed(serving.reason), ...(detail === undefined ? {} : { meaning: routeState(detail).why }) };
    case 'pool': {
      if (!policy.ws && asksForTunnel(question)) return failed('ws-disabled');
      // The data plane's own rule: the two cannot disagree. What checks say is in the state by now.
      const members = serving.backends.map((backend) => ({
        peer: new Peer({ ...backend, check: null }),
        backup: backend.backup,
      }));
      const pool = peerPool(members, { balancer: firstInOrder, affinity: null });
      const { clientAddress, target, headers } = question;
      const picked = pick(pool, new Set(), { clientAddress, target, header: (name) => headers.get(name) });
      return typeof picked === 'string' ? failed(picked) : null;
    }
    default:
      return serving satisfies never;
  }
}

function failed(reason: Reason): { status: number; reason: string; meaning: string } {
  const { status, title } = failureKind(reason);
  return { status, reason, meaning: title };
}
