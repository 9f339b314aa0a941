import type { CandidateView, ExplainView } from './explain-view.ts';
import { terminalText } from './text-table.ts';

/** An explanation for a terminal. */
export function explainText(view: ExplainView): string {
  const { method, url, ip, route, tls, why, answer, candidates, steps, backends, nearestHosts } = view;
  const lines = [
    `${method} ${url} from ${ip}`,
    route === null ? 'NO ROUTE' : `ROUTE ${route}`,
    `  ${why}`,
    `  TLS: ${tls.does}`,
    ...(answer === null ? [] : [`  → ${answerText(answer)}`]),
    ...section('NEAREST HOSTS', nearestHosts),
    ...section('CANDIDATES', candidates.map(candidateText)),
    ...section(
      'STEPS',
      steps.map(({ step, does }) => `${step}: ${does}`),
    ),
    ...section(
      'BACKENDS',
      backends.map(
        ({ container, address, state, takes, reason }) =>
          `${takes ? '✓' : '✗'} ${container} ${address || '-'} ${state}${reason === '' ? '' : `: ${reason}`}`,
      ),
    ),
  ];
  return lines.map(terminalText).join('\n');
}

export function answerText({ status, reason, meaning }: NonNullable<ExplainView['answer']>): string {
  return status === null ? meaning : `${status} ${reason}: ${meaning}`;
}

export function candidateText({ route, verdict, lacked }: CandidateView): string {
  switch (verdict) {
    case 'taken':
      return `✓ ${route}`;
    case 'beaten':
      return `· ${route} would take it too, but stands behind`;
    case 'lacking':
      return `✗ ${route} wants ${lacked.join(', ')}`;
    default:
      return verdict satisfies never;
  }
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}
