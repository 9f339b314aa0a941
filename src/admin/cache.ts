import { readAuthority } from '../http/authority.ts';
import { readTarget } from '../http/target.ts';
import { errorAnswer, jsonAnswer, textAnswer } from './admin-answer.ts';
import type { AdminAnswer, AdminContext, AdminRequest, Format } from './admin-context.ts';
import type { PurgeAnswer } from './control-view.ts';

/** `GET /cache`: what it holds. */
export async function cacheEndpoint({ format }: AdminRequest, { view }: AdminContext): Promise<AdminAnswer> {
  return answer(await view.cache(null), format, ({ memory, disk }) => ({ memory, disk }));
}

/** `DELETE /cache?host=&path=&prefix=&tag=`: drops what all of these hold for, in all workers and on disk, and in the proxies that share a store; without any, everything. */
export async function purgeEndpoint({ query, format }: AdminRequest, context: AdminContext): Promise<AdminAnswer> {
  // A mistyped name must not drop everything.
  const unknown = [...query.keys()].find((key) => !known.has(key));
  if (unknown !== undefined) return errorAnswer(400, `\`${unknown}\` is none of host, path, prefix, tag`, format);
  const named = query.get('host') || null;
  const host = named === null ? null : (readAuthority(named)?.host ?? null);
  if (named !== null && host === null) return errorAnswer(400, '`host` is a name such as app.example.com', format);
  const path = pathOf(query, 'path');
  const prefix = pathOf(query, 'prefix');
  if (path === undefined || prefix === undefined)
    return errorAnswer(400, '`path` and `prefix` begin with a slash', format);
  const rule = { host, path, prefix, tag: query.get('tag') || null, beforeMs: context.now() };
  return answer(await context.view.cache(rule), format, (numbers) => numbers);
}

const known = new Set(['host', 'path', 'prefix', 'tag', 'format']);

/** Normalised, as entries have it; a query does not count. Null = not asked for, undefined = none that could be. */
function pathOf(query: URLSearchParams, name: string): string | null | undefined {
  const text = query.get(name) || null;
  return text === null ? null : readTarget(text)?.normalised;
}

function answer(
  numbers: PurgeAnswer | null,
  format: Format,
  shown: (numbers: PurgeAnswer) => Partial<PurgeAnswer>,
): AdminAnswer {
  if (numbers === null) return errorAnswer(503, 'the data plane does not answer', format);
  return format === 'json' ? jsonAnswer(shown(numbers)) : textAnswer(textOf(shown(numbers)));
}

function textOf({ memory, disk, purged, others }: Partial<PurgeAnswer>): string {
  const lines: string[] = [];
  if (purged !== undefined) lines.push(`purged  ${purged}`);
  if (others !== undefined)
    lines.push(`others  ${others === 'told' ? 'told' : 'told once the shared store can be reached'}`);
  if (memory !== undefined) lines.push(`memory  ${memory.entries} entries, ${memory.bytes} bytes`);
  if (disk) lines.push(`disk    ${disk.entries} entries, ${disk.bytes} of ${disk.bytesMax} bytes`);
  return `${lines.join('\n')}\n`;
}
