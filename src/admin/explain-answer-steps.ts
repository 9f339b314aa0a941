import { isSecretHeader } from '../http/secret-header.ts';
import type { HeaderEdit } from '../labels/header-edit.ts';
import type { Question } from '../routing/question.ts';
import type { RoutePolicy, SecurityHeader } from '../routing/table.ts';
import { compressText } from './explain-compress.ts';
import { errorsText } from './explain-errors.ts';
import { changes, passes, type StepLine, type StepView } from './explain-step.ts';

/** What the route does to the answer, whoever gave it. */
export function addAnswerSteps(line: StepLine, policy: RoutePolicy, question: Question): void {
  const { errors, securityHeaders, responseHeaders, compress } = policy;
  if (errors !== null) {
    const status = line.stop?.status ?? null;
    const isFor = ({ statuses }: (typeof errors.pages)[number]) =>
      status !== null && statuses.some(({ from, to }) => status >= from && status <= to);
    line.addForAnswer('errors', errorsText(errors), errors.pages.some(isFor) ? changes : passes);
  }
  for (const header of securityHeaders) line.addForAnswer('security', securityText(header), changes);
  for (const edit of responseHeaders) line.addForAnswer('header', editText(edit), changes);
  const written = logWords(policy);
  if (written !== 'on') line.addForAnswer('log', written);
  if (compress === null) return;
  const does = compressText(compress, question);
  const judged = does.startsWith('nothing') ? passes : changes;
  // Never the proxy's own answer; what the cache has is one of the backend's.
  if (line.stop === null || isOfBackend(line.stop)) line.addForAnswer('compress', does, judged);
  else line.add('compress', does, judged);
}

function isOfBackend({ step, reason }: StepView): boolean {
  return step === 'cache' && reason !== 'not-cached';
}

function logWords({ accessLog, logFormat, logFile }: RoutePolicy): string {
  if (accessLog === 'off') return 'off';
  const which = typeof accessLog === 'number' ? `a share of ${accessLog}` : accessLog;
  return `${which}${logFormat === null ? '' : `, as ${logFormat}`}${logFile === null ? '' : `, in ${logFile}`}`;
}

function securityText({ name, value, hsts }: SecurityHeader): string {
  return `sets ${name}: ${value}${hsts ? ', over TLS with a certificate that browsers trust' : ''}`;
}

export function editText({ name, value, how }: HeaderEdit): string {
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
