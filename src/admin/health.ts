import { errorAnswer, jsonAnswer, textAnswer } from './admin-answer.ts';
import type { AdminAnswer, AdminContext, AdminRequest } from './admin-context.ts';
import type { ControlView } from './control-view.ts';

/** `GET /healthz`: who answers is alive. */
export function healthzEndpoint({ format }: AdminRequest): AdminAnswer {
  return format === 'json' ? jsonAnswer({ status: 'ok' }) : textAnswer('ok');
}

/** `GET /readyz`: Docker has been read once, listeners are open, and the workers serve a table. */
export function readyzEndpoint({ format }: AdminRequest, { view, settings }: AdminContext): AdminAnswer {
  const reasons = whyNotReady(view, settings.http !== null || settings.https !== null);
  if (reasons.length > 0) return errorAnswer(503, 'not ready', format, { ready: false, reasons });
  return format === 'json' ? jsonAnswer({ ready: true, reasons }) : textAnswer('ready');
}

/** Names no endpoint and no address: whoever may ask is told this without a token. */
function whyNotReady(view: ControlView, listens: boolean): string[] {
  const reasons: string[] = [];
  if (!view.snapshot().complete) reasons.push('the first scan of Docker is not done');
  const { pid, listening, appliedVersion } = view.dataPlane();
  if (pid === null) reasons.push('the data plane does not run');
  else if (listens && listening.length === 0) reasons.push('no listener is open yet');
  else if (appliedVersion === 0) reasons.push('the workers have no route table yet');
  return reasons;
}
