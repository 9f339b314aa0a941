import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { readCertificate } from '../../tls/certificate.ts';
import type { HeldCertificate } from '../../tls/keeper/keeper-tools.ts';
import type { RedisReply } from './redis-connection.ts';
import type { RedisLink } from './redis-link.ts';
import { RedisScript } from './redis-script.ts';

/** Who has certificates, and takes those of others. */
export interface CertificateTaker {
  /** What issuers are to sign for this proxy, by the ids of what is wanted. */
  wanted(): readonly string[];
  offer(held: HeldCertificate): void;
}

/** KEYS: the certificate, the stream of news. ARGV: its text, its end in epoch ms, what it is wanted for. */
const shareScript = new RedisScript(`
redis.call('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[2])
redis.call('XADD', KEYS[2], 'MAXLEN', '~', 1000, '*', 'of', ARGV[3])`);

const newsKey = 'fairlead:certificates';
const textCharsMax = 524_288;
/** Certificates that are asked for at once. */
const pageMax = 50;

/** The certificates of issuers, with their keys, as all proxies of one store find them. */
export class SharedCertificates {
  readonly #link: Pick<RedisLink, 'send'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #log: Log;
  #taker: CertificateTaker | null = null;
  /** Id of the last news that was read; null = all that is wanted is to be looked for. */
  #seen: string | null = null;
  /** What was wanted when it was looked last. */
  #known = new Set<string>();

  constructor(about: {
    readonly link: Pick<RedisLink, 'send'>;
    readonly clock: Pick<Clock, 'now'>;
    readonly log: Log;
  }) {
    this.#link = about.link;
    this.#clock = about.clock;
    this.#log = about.log;
  }

  /** From now on it is offered what others have. */
  serve(taker: CertificateTaker): void {
    this.#taker = taker;
  }

  /** What was shared may have been missed. */
  restart(): void {
    this.#seen = null;
  }

  /** @throws as RedisLink.send. */
  async put(held: HeldCertificate): Promise<void> {
    const { certificate, issuer, directoryUrl, wantedId } = held;
    const text = JSON.stringify({
      ...{ chainPem: certificate.chainPem, keyPem: certificate.keyPem, issuer, directoryUrl },
    });
    const endMs = Math.max(Math.floor(certificate.notAfterMs), this.#clock.now() + 60_000);
    await shareScript.run(this.#link, [keyOf(wantedId), newsKey], [text, endMs, wantedId]);
  }

  /** @throws as RedisLink.send. */
  async get(wantedId: string): Promise<HeldCertificate | null> {
    return this.#read(wantedId, await this.#link.send(['GET', keyOf(wantedId)]));
  }

  /** Looks what is new. @throws as RedisLink.send. */
  async look(): Promise<void> {
    const taker = this.#taker;
    if (taker === null) return;
    const wanted = new Set(taker.wanted());
    const news = new Set<string>();
    let seen = this.#seen;
    if (seen === null) {
      seen = lastIdOf(await this.#link.send(['XREVRANGE', newsKey, '+', '-', 'COUNT', '1'])) ?? '0-0';
      for (const id of wanted) news.add(id);
    } else {
      const entries = await this.#link.send(['XRANGE', newsKey, `(${seen}`, '+', 'COUNT', '1000']);
      for (const { wantedId } of newsOf(entries)) if (wanted.has(wantedId)) news.add(wantedId);
      for (const id of wanted) if (!this.#known.has(id)) news.add(id);
      seen = newsOf(entries).at(-1)?.id ?? seen;
    }
    const ids = [...news];
    for (let from = 0; from < ids.length; from += pageMax) {
      const page = await Promise.all(ids.slice(from, from + pageMax).map((id) => this.get(id)));
      for (const held of page) if (held !== null) taker.offer(held);
    }
    this.#seen = seen;
    this.#known = wanted;
  }

  #read(wantedId: string, reply: RedisReply): HeldCertificate | null {
    if (typeof reply !== 'string' || reply.length > textCharsMax) return null;
    const parts = partsOf(reply);
    const { issuer, directoryUrl, ...pems } = parts ?? { issuer: '', directoryUrl: '', chainPem: '', keyPem: '' };
    const reading = readCertificate({ ...pems, nowMs: this.#clock.now() });
    if (reading.ok) return { certificate: reading.certificate, issuer, directoryUrl, wantedId };
    this.#log.warn({ wantedId }, 'a certificate in the shared store cannot be used');
    return null;
  }
}

interface Parts {
  readonly chainPem: string;
  readonly keyPem: string;
  readonly issuer: string;
  readonly directoryUrl: string;
}

function partsOf(text: string): Parts | null {
  try {
    const { chainPem, keyPem, issuer, directoryUrl } = JSON.parse(text) as Record<keyof Parts, unknown>;
    const parts = { chainPem, keyPem, issuer, directoryUrl };
    return Object.values(parts).every((part) => typeof part === 'string') ? (parts as Parts) : null;
  } catch {
    return null;
  }
}

function keyOf(wantedId: string): string {
  return `fairlead:certificate:${wantedId}`;
}

function newsOf(entries: RedisReply): readonly { readonly id: string; readonly wantedId: string }[] {
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: RedisReply) => {
    const [id, fields] = Array.isArray(entry) ? entry : [];
    return typeof id === 'string' && Array.isArray(fields) ? [{ id, wantedId: String(fields[1] ?? '') }] : [];
  });
}

function lastIdOf(entries: RedisReply): string | undefined {
  return newsOf(entries)[0]?.id;
}
