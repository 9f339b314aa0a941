import type { PurgeRule } from '../../cache/purge.ts';
import type { RedisReply } from './redis-connection.ts';
import type { RedisLink } from './redis-link.ts';
import { RedisScript } from './redis-script.ts';

/** What is to go; when, each proxy says by its own clock. */
export type SharedRule = Omit<PurgeRule, 'beforeMs'>;

/** One purge, as all proxies read it. */
export interface Announcement {
  readonly id: string;
  /** Id of the one before: what does not follow on what was read last shows that some were missed. */
  readonly after: string;
  /** Who has announced it. */
  readonly from: string;
  /** null = it cannot be read. */
  readonly rule: SharedRule | null;
}

export interface PurgePage {
  /** Id of the newest of all. */
  readonly newest: string;
  /** Those after the one that was read last, the oldest first; at most 100. */
  readonly announcements: readonly Announcement[];
}

export const everything: SharedRule = { host: null, path: null, prefix: null, tag: null };

/** Before the first. */
const noId = '0-0';
const key = 'fairlead:purges';
const textCharsMax = 8_192;

/** KEYS: the stream. ARGV: who, the rule. Some thousand are kept: who was away for more drops everything. */
const announceScript = new RedisScript(`
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local after = newest[1] and newest[1][1] or '${noId}'
return redis.call('XADD', KEYS[1], 'MAXLEN', '~', 1000, '*', 'after', after, 'from', ARGV[1], 'rule', ARGV[2])`);

/**
 * KEYS: the stream. ARGV: id of the one that was read last. An empty stream gets a first entry, which is no purge: by its id
 * this chain can be told from one that begins after the data was lost.
 */
const readScript = new RedisScript(`
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local id = newest[1] and newest[1][1] or redis.call('XADD', KEYS[1], '*', 'after', '${noId}')
return { id, redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', 100) }`);

type Asked = Pick<RedisLink, 'send'>;

/** @throws as RedisLink.send. */
export async function announcePurge(link: Asked, from: string, rule: SharedRule): Promise<void> {
  await announceScript.run(link, [key], [from, JSON.stringify(rule)]);
}

/** @param seen id of the one that was read last. @throws as RedisLink.send. */
export async function readPurges(link: Asked, seen: string): Promise<PurgePage> {
  const reply = await readScript.run(link, [key], [seen]);
  const [newest, entries] = Array.isArray(reply) ? reply : [];
  if (typeof newest !== 'string' || !Array.isArray(entries)) throw new Error('ODDREPLY');
  return { newest, announcements: entries.map(announcementOf) };
}

function announcementOf(entry: RedisReply): Announcement {
  const [id, fields] = Array.isArray(entry) ? entry : [];
  const words: readonly unknown[] = Array.isArray(fields) ? fields : [];
  const field = (name: string): string => {
    const at = words.indexOf(name);
    return at % 2 === 0 ? String(words[at + 1] ?? '') : '';
  };
  return { id: String(id), after: field('after'), from: field('from'), rule: ruleOf(field('rule')) };
}

/** Whatever stands in the store was not necessarily written by a proxy. */
export function ruleOf(text: string): SharedRule | null {
  if (text.length > textCharsMax) return null;
  try {
    const { host, path, prefix, tag } = JSON.parse(text) as Record<keyof SharedRule, unknown>;
    const parts = { host, path, prefix, tag };
    return Object.values(parts).every((part) => part === null || typeof part === 'string')
      ? (parts as SharedRule)
      : null;
  } catch {
    return null;
  }
}
