import { createSecureContext } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { ChallengeAnswer, ChallengeBoard } from '../../tls/acme/challenge.ts';
import type { RedisReply } from './redis-connection.ts';
import { redisFaultText } from './redis-fault.ts';
import type { RedisLink } from './redis-link.ts';
import { RedisScript } from './redis-script.ts';

/** Where the answers of other proxies are shown, beside the own ones. */
export interface OthersBoard extends ChallengeBoard {
  /** All that others show; resolves once every worker answers them. */
  showOthers(answers: readonly ChallengeAnswer[]): Promise<void>;
}

/** An answer that was left behind is taken down after so long. */
const lifeMs = 10 * 60_000;
/** Other proxies that do not show an answer by then are not waited for: the issuer may well come to this one. */
const shownMsMax = 5_000;
const askEveryMs = 100;
/** Who has not been heard of for so long is not waited for. */
const presentMs = 3_000;
const answersMax = 1_000;
const textCharsMax = 65_536;

const answersKey = 'fairlead:challenges';
const versionKey = 'fairlead:challenges:version';
const proxiesKey = 'fairlead:proxies';

const nowMs = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** KEYS: answers, version. ARGV: name of the answer, its text, its life in ms; no text = it is taken down. Answers the new version. */
const changeScript = new RedisScript(`
${nowMs}
if ARGV[2] == '' then redis.call('HDEL', KEYS[1], ARGV[1])
else redis.call('HSET', KEYS[1], ARGV[1], string.format('%d', now + ARGV[3]) .. ' ' .. ARGV[2]) end
return redis.call('INCR', KEYS[2])`);

/**
 * KEYS: answers, version, proxies. ARGV: who, the version that it shows, the one that it has read. Says that it is there; answers
 * the version, and where that was not read, all answers, those whose life has ended apart.
 */
const lookScript = new RedisScript(`
${nowMs}
redis.call('HSET', KEYS[3], ARGV[1], string.format('%d', now) .. ' ' .. ARGV[2])
local version = redis.call('GET', KEYS[2]) or '0'
local answers = {}
if version ~= ARGV[3] then
  local all = redis.call('HGETALL', KEYS[1])
  for i = 1, #all, 2 do
    if tonumber(string.match(all[i + 1], '^%d+') or 0) < now then redis.call('HDEL', KEYS[1], all[i])
    else answers[#answers + 1] = all[i]; answers[#answers + 1] = all[i + 1] end
  end
end
return { version, answers }`);

/** KEYS: proxies. ARGV: who asks, a version, ms. Answers how many others are there that show an older one; forgets who has left. */
const laggingScript = new RedisScript(`
${nowMs}
local lagging = 0
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local seen, version = string.match(all[i + 1], '^(%d+) (%d+)$')
  local ago = now - (tonumber(seen) or 0)
  if ago > 60000 then redis.call('HDEL', KEYS[1], all[i])
  elseif all[i] ~= ARGV[1] and ago < tonumber(ARGV[3]) and tonumber(version) < tonumber(ARGV[2]) then lagging = lagging + 1 end
end
return lagging`);

export interface ChallengesWorld {
  readonly link: Pick<RedisLink, 'send'>;
  readonly board: OthersBoard;
  readonly proxy: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** An issuer may come to any proxy that a name leads to, so all of them show the answers of each. */
export class SharedChallenges implements ChallengeBoard {
  readonly #world: ChallengesWorld;
  /** Version of what was read last, and of what the workers show. */
  #read = '';
  #shown = '0';
  #number = 0;

  constructor(world: ChallengesWorld) {
    this.#world = world;
  }

  async show(answer: ChallengeAnswer): Promise<{ remove(): void }> {
    const own = await this.#world.board.show(answer);
    const name = `${this.#world.proxy}:${++this.#number}`;
    const why = await this.#toOthers(name, answer).catch(redisFaultText);
    if (why !== null)
      this.#world.log.warn({ name: answer.name, why }, 'the other proxies do not show a challenge, or not all of them');
    return {
      remove: () => {
        own.remove();
        // Where the store is away, it goes by itself.
        void this.#change(name, '').catch(() => {});
      },
    };
  }

  /** Shows what others have, and says so. @throws as RedisLink.send. */
  async look(): Promise<void> {
    const [version, texts] = await this.#present();
    if (version === this.#read) return;
    this.#read = version;
    const { proxy, board } = this.#world;
    const shown = board.showOthers(othersOf(texts, `${proxy}:`));
    // Not waited for: the workers may just be starting.
    void shown.then(async () => {
      this.#shown = version;
      // At once: whoever shows it waits for that.
      await this.#present().catch(() => {});
    });
  }

  async #present(): Promise<readonly [version: string, texts: RedisReply | undefined]> {
    const { proxy } = this.#world;
    const keys = [answersKey, versionKey, proxiesKey];
    const reply = await this.#run(lookScript, keys, [proxy, this.#shown, this.#read]);
    const [version, texts] = Array.isArray(reply) ? reply : [];
    if (typeof version !== 'string' || !/^\d{1,18}$/.test(version)) throw new Error('ODDREPLY');
    return [version, texts];
  }

  /** @returns why not all of them show it; null = they do. @throws as RedisLink.send. */
  async #toOthers(name: string, answer: ChallengeAnswer): Promise<string | null> {
    const version = await this.#change(name, JSON.stringify(answer));
    const { clock, proxy } = this.#world;
    const untilMs = clock.monotonic() + shownMsMax;
    while (Number(await this.#run(laggingScript, [proxiesKey], [proxy, version, presentMs])) > 0) {
      if (clock.monotonic() >= untilMs) return `not within ${shownMsMax / 1_000} s`;
      await new Promise<void>((resolve) => clock.setTimeout(resolve, askEveryMs));
    }
    return null;
  }

  /** @returns the version that has it. */
  async #change(name: string, text: string): Promise<number> {
    return Number(await this.#run(changeScript, [answersKey, versionKey], [name, text, lifeMs]));
  }

  #run(script: RedisScript, keys: readonly string[], values: readonly (string | number)[]): Promise<RedisReply> {
    return script.run(this.#world.link, keys, values);
  }
}

/** @param ownStart names of the own ones begin with it. */
function othersOf(texts: RedisReply | undefined, ownStart: string): readonly ChallengeAnswer[] {
  if (!Array.isArray(texts)) return [];
  const answers: ChallengeAnswer[] = [];
  for (let i = 0; i + 1 < texts.length && answers.length < answersMax; i += 2) {
    const answer = String(texts[i]).startsWith(ownStart) ? null : answerOf(String(texts[i + 1]));
    if (answer !== null) answers.push(answer);
  }
  return answers;
}

function answerOf(text: string): ChallengeAnswer | null {
  if (text.length > textCharsMax) return null;
  try {
    const { kind, ...parts } = JSON.parse(text.slice(text.indexOf(' ') + 1)) as Record<string, unknown>;
    if (kind !== 'http' && kind !== 'alpn') return null;
    const names = kind === 'http' ? ['name', 'token', 'keyAuthorization'] : ['name', 'chainPem', 'keyPem'];
    if (!names.every((name) => typeof parts[name] === 'string')) return null;
    const answer = {
      kind,
      ...Object.fromEntries(names.map((name) => [name, parts[name]])),
    } as unknown as ChallengeAnswer;
    // What workers cannot show must not reach them.
    if (answer.kind === 'alpn') createSecureContext({ cert: answer.chainPem, key: answer.keyPem });
    return answer;
  } catch {
    return null;
  }
}
