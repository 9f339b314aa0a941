import { errorAnswer } from './admin-answer.ts';
import type { AdminAnswer, AdminContext, AdminRequest } from './admin-context.ts';
import { listenersMax } from './event-feed.ts';

/** `GET /events`: what happens from now on, as server-sent events, for as long as somebody listens. */
export function eventsEndpoint({ format, lastEventId }: AdminRequest, { view }: AdminContext): AdminAnswer {
  const listener = view.events.listen(lastEventId);
  if (listener === null) {
    const answer = errorAnswer(503, `${listenersMax} listen already, or the proxy is about to end`, format);
    return { ...answer, headers: { 'Retry-After': '10' } };
  }
  // A proxy in between must not collect events.
  return { status: 200, type: 'text/event-stream', body: listener, headers: { 'X-Accel-Buffering': 'no' } };
}
