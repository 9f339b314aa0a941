import { durationText } from '../base/duration.ts';
import { failureKind } from '../http/failure.ts';
import { fillTemplate } from '../http/request-template.ts';
import { stripPrefix } from '../http/target.ts';
import { isTunnelProtocol } from '../http/tunnel-protocol.ts';
import type { HeaderEdit } from '../labels/header-edit.ts';
import { isSecretHeader } from '../labels/header-text.ts';
import type { LoadBalancing } from '../labels/options.ts';
import type { Question } from '../routing/question.ts';
import type { RouteDetail } from '../routing/route-detail.ts';
import type { RoutePolicy, SecurityHeader } from '../routing/table.ts';
import { pathRewriter, type Rewritten } from '../steps/rewrite-path.ts';
import { cacheText } from './explain-cache.ts';
import { compressText } from './explain-compress.ts';
import { errorsText } from './explain-errors.ts';
import { guardSteps } from './explain-guards.ts';
import { optionsToCome } from './option-view.ts';

/** What one option of the route would do to the request. */
export interface StepView {
  /** Its label, without `proxy.`. */
  readonly step: string;
  /** false: it was asked for, but this version does not act on it. */
  readonly active: boolean;
  readonly does: string;
}

/** What the route would do to a request, in the order in which it does it. */
export function stepViews(detail: RouteDetail, question: Question): readonly StepView[] {
  const { policy, serving } = detail.route;
  const toCome = optionsToCome(detail).map((step) => ({ step, active: false, does: 'not yet active' }));
  switch (serving.kind) {
    case 'refuse':
      return toCome;
    case 'redirect':
      return [
        ...toCome,
        ...guardSteps(policy, question),
        step('redirect', `answers ${serving.status} to ${redirectTarget(serving.location, question)}`),
        ...responseSteps(policy),
      ];
    case 'pool':
      return [
        ...toCome,
        ...guardSteps(policy, question),
        ...requestSteps(policy, question),
        ...responseSteps(policy),
        ...(policy.compress === null ? [] : [step('compress', compressText(policy.compress, question))]),
      ];
    default:
      return serving satisfies never;
  }
}

function step(name: string, does: string): StepView {
  return { step: name, active: true, does };
}

/** What becomes of the path on its way to the backend, step by step. */
function pathSteps({ strip, rewrite }: RoutePolicy, { target }: Question): StepView[] {
  const steps: StepView[] = [];
  const stripped = stripPrefix(target, strip);
  if (strip !== '')
    steps.push(
      step(
        'strip',
        stripped === target
          ? `nothing to remove: ${strip} is not in front`
          : `${target} → ${stripped}; X-Forwarded-Prefix: ${strip}`,
      ),
    );
  if (rewrite !== null) steps.push(step('rewrite', rewriteText(stripped, pathRewriter(rewrite)(stripped))));
  return steps;
}

function rewriteText(target: string, rewritten: Rewritten): string {
  if ('reason' in rewritten)
    return `refused with ${failureKind(rewritten.reason).status} ${rewritten.reason}: what comes of ${target} is no path`;
  return rewritten.target === target ? `${target} stays as it is` : `${target} → ${rewritten.target}`;
}

function requestSteps(policy: RoutePolicy, question: Question): StepView[] {
  const steps = pathSteps(policy, question);
  for (const edit of policy.requestHeaders) steps.push(step('reqheader', editText(edit)));
  const upgrades = asksForTunnel(question);
  if (!policy.ws)
    steps.push(step('ws', upgrades ? 'refused with 403 ws-disabled' : 'Upgrade would be refused with 403'));
  else if (upgrades) steps.push(step('ws', `a tunnel, closed after ${timeText(policy.wsIdleMs)} of silence`));
  if (policy.cache !== null && !upgrades) steps.push(step('cache', cacheText(policy.cache, question)));
  steps.push(step('lb', balancingWords(policy.lb)));
  if (policy.sticky !== null)
    steps.push(step('sticky', `a client stays with its container by the cookie ${policy.sticky.cookie}`));
  if (policy.retries > 0) steps.push(step('retries', `up to ${policy.retries} more on another backend`));
  const times = [
    `connect within ${timeText(policy.connectMs)}`,
    `at most ${timeText(policy.sendMs)} between parts of the request`,
    `${timeText(policy.readMs)} between parts of the answer`,
  ];
  steps.push(step('timeout', times.join(', ')));
  return steps;
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

function responseSteps({ errors, securityHeaders, responseHeaders, ...log }: RoutePolicy): StepView[] {
  const steps = errors === null ? [] : [step('errors', errorsText(errors))];
  steps.push(...securityHeaders.map((header) => step('security', securityText(header))));
  steps.push(...responseHeaders.map((edit) => step('header', editText(edit))));
  const written = logWords(log);
  if (written !== 'on') steps.push(step('log', written));
  return steps;
}

function logWords({ accessLog, logFormat, logFile }: Pick<RoutePolicy, 'accessLog' | 'logFormat' | 'logFile'>): string {
  if (accessLog === 'off') return 'off';
  const which = typeof accessLog === 'number' ? `a share of ${accessLog}` : accessLog;
  return `${which}${logFormat === null ? '' : `, as ${logFormat}`}${logFile === null ? '' : `, in ${logFile}`}`;
}

function securityText({ name, value, hsts }: SecurityHeader): string {
  return `sets ${name}: ${value}${hsts ? ', over TLS with a certificate that browsers trust' : ''}`;
}

function editText({ name, value, how }: HeaderEdit): string {
  const shown = isSecretHeader(name) ? '…' : value;
  switch (how) {
    case 'set':
      return `sets ${name}: ${shown}`;
    case 'append':
      return `appends ${name}: ${shown}`;
    case 'if-absent':
      return `sets ${name}: ${shown}, where there is none`;
    case 'delete':
      return `removes ${name}`;
    default:
      return how satisfies never;
  }
}

/** As the data plane fills it. */
export function redirectTarget(location: string, { scheme, authority, target }: Question): string {
  return fillTemplate(location, { host: authority, target, scheme });
}

/** The request asks for a tunnel, by the rules of the data plane. */
export function asksForTunnel({ headers }: Question): boolean {
  const options = headers.all('connection').join(',').toLowerCase().split(',');
  const protocol = headers.get('upgrade')?.toLowerCase() ?? '';
  return protocol !== '' && options.some((option) => option.trim() === 'upgrade') && isTunnelProtocol(protocol);
}

function timeText(ms: number): string {
  return ms === 0 ? 'any time' : durationText(ms);
}
