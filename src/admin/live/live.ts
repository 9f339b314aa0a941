import { errorAnswer, jsonAnswer } from '../admin-answer.ts';
import type { AdminAnswer, AdminContext, AdminRequest } from '../admin-context.ts';
import { liveListenersMax } from './live-feed.ts';
import { liveMoment } from './live-moment.ts';
import { routeDetailView } from './route-detail-view.ts';

const wordsMax = 200;

/** `GET /live`: how everything is, again and again, as server-sent events; `?q=` some routes, `?route=` one with all there is to it. */
export function liveEndpoint({ format, query }: AdminRequest, { live }: AdminContext): AdminAnswer {
  const route = query.get('route');
  const words = query.get('q')?.trim() ?? '';
  if (words.length > wordsMax) return errorAnswer(400, `\`q\` has at most ${wordsMax} characters`, format);
  const listener = live.listen(route === null ? { words } : { route });
  if (listener === null) {
    const answer = errorAnswer(503, `${liveListenersMax} look on already, or the proxy is about to end`, format);
    return { ...answer, headers: { 'Retry-After': '10' } };
  }
  // A proxy in between must not collect events.
  return { status: 200, type: 'text/event-stream', body: listener, headers: { 'X-Accel-Buffering': 'no' } };
}

/** `GET /route?id=`: one route with all there is to it, as JSON. 404 where there is no such route, with what is left of it. */
export async function routeEndpoint({ query }: AdminRequest, context: AdminContext): Promise<AdminAnswer> {
  const id = query.get('id');
  if (id === null) return errorAnswer(400, '`id` is missing: that of a route, as /routes has it', 'json');
  const view = routeDetailView(id, await liveMoment(context));
  return jsonAnswer(view, view.route === null ? 404 : 200);
}
