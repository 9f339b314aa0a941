import { failureKind, type Reason } from '../http/failure.ts';
import type { BuiltTable, RouteDetail } from '../routing/build.ts';
import type { Explanation } from '../routing/explain.ts';
import type { Question } from '../routing/question.ts';
import type { BackendState, Route } from '../routing/table.ts';
import { Peer } from '../upstream/peer.ts';
import { pick } from '../upstream/pick.ts';
import { Rotation } from '../upstream/rotation.ts';
import type { AdminContext } from './admin-context.ts';
import { asksForTunnel, redirectTarget, type StepView, stepViews } from './explain-steps.ts';
import { routeState, takesRequests } from './route-state.ts';

/** What `GET /explain` answers. */
export interface ExplainView {
  readonly url: string;
  readonly method: string;
  readonly ip: string;
  readonly outcome: Explanation['outcome'];
  /** Id of the route; null where there is none. */
  readonly route: string | null;
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
  },
  settings: AdminContext['settings'],
): ExplainView {
  const { url, question, explanation, built } = about;
  const { outcome, route, why, candidates, nearestHosts } = explanation;
  const detail = route === null ? undefined : built.details.get(route.id);
  return {
    url,
    method: question.method,
    ip: question.clientAddress,
    outcome,
    route: route?.id ?? null,
    why,
    answer: ownAnswer(explanation, question, detail, settings),
    candidates: candidates.map(({ route: { id }, verdict, lacked }) => ({ route: id, verdict, lacked })),
    steps: detail === undefined ? [] : stepViews(detail, question),
    backends: detail === undefined ? [] : backendsOf(detail),
    nearestHosts,
  };
}

function backendsOf({ members }: RouteDetail): ExplainView['backends'] {
  return members.flatMap(({ backend }) => {
    if (backend === null) return [];
    const { container, host, port, state, reason } = backend;
    const address = host === '' ? '' : `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return [{ container, address, state, takes: takesRequests(backend), reason }];
  });
}

function ownAnswer(
  { outcome, route }: Explanation,
  question: Question,
  detail: RouteDetail | undefined,
  { unknownHost }: AdminContext['settings'],
): ExplainView['answer'] {
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
      return route === null ? null : routeAnswer(route, question, detail);
  }
}

function routeAnswer(
  { serving, policy }: Route,
  question: Question,
  detail: RouteDetail | undefined,
): ExplainView['answer'] {
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
      // The data plane's own rule: the two cannot disagree.
      const picked = pick(
        serving.backends.map((backend) => new Peer(backend)),
        new Rotation(),
        new Set(),
      );
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
