import { closest } from '../base/suggest.ts';
import type { Container } from '../docker/container.ts';
import type { RouteMember } from '../routing/route-detail.ts';
import { errorAnswer, jsonAnswer, textAnswer } from './admin-answer.ts';
import type { AdminAnswer, AdminContext, AdminRequest } from './admin-context.ts';

const nearMax = 5;
/** As `docker ps` shows them; shorter ones may be the beginning of many. */
const idCharsMin = 4;

/** `POST /backends/<container>/drain`: no new requests. 202 while it still has some, 200 once it has none; may be asked again and again. */
export async function drainEndpoint(request: AdminRequest, context: AdminContext): Promise<AdminAnswer> {
  const container = findBackend(request, context);
  if (!('id' in container)) return container;
  context.view.setDrained(container.id, true);
  const { peers } = await context.view.traffic();
  const inFlight = peers[container.id]?.inFlight ?? 0;
  const status = inFlight > 0 ? 202 : 200;
  if (request.format === 'json') return jsonAnswer({ container: container.name, state: 'draining', inFlight }, status);
  const left = inFlight === 0 ? 'nothing is under way there' : `${inFlight} under way there`;
  return textAnswer(`${container.name} gets no new requests; ${left}`, status);
}

/** `POST /backends/<container>/undrain`. */
export function undrainEndpoint(request: AdminRequest, context: AdminContext): AdminAnswer {
  const container = findBackend(request, context);
  if (!('id' in container)) return container;
  context.view.setDrained(container.id, false);
  if (request.format === 'json') return jsonAnswer({ container: container.name, drained: false });
  return textAnswer(`${container.name} is not drained`);
}

/** The container of a route whose name or id (or its beginning) stands in the path; else the answer that says which there are. */
function findBackend({ path, format }: AdminRequest, { view }: AdminContext): Container | AdminAnswer {
  const word = decoded(path.split('/')[2] ?? '');
  const backends = backendsOf([...view.built().details.values()].flatMap(({ members }) => members));
  const named = backends.filter(({ name }) => name === word);
  const isId = new RegExp(`^[0-9a-f]{${idCharsMin},64}$`).test(word);
  const found = named.length > 0 || !isId ? named : backends.filter(({ id }) => id.startsWith(word));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (only !== undefined) {
    const ids = found.slice(0, nearMax).map(({ id, name }) => `${id.slice(0, 12)} ${name}`);
    return errorAnswer(409, `${word} is more than one container; use more of the id`, format, { containers: ids });
  }
  const near = nearest(
    word,
    backends.map(({ name }) => name),
  );
  const words = near.length === 0 ? '' : '; near it are';
  return errorAnswer(404, `no route has a container ${word}${words}`, format, { nearestContainers: near });
}

function backendsOf(members: readonly RouteMember[]): readonly Container[] {
  const there = members.filter(({ backend, container }) => backend !== null && container.state !== 'removed');
  return [...new Map(there.map(({ container }) => [container.id, container])).values()];
}

/** A service's name is near its containers too: `web` to `shop-web-1`. */
function nearest(word: string, names: readonly string[]): readonly string[] {
  const close = closest(word, names);
  const within = word === '' ? [] : names.filter((name) => name !== close && name.includes(word));
  return [...(close === null ? [] : [close]), ...within].slice(0, nearMax);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
