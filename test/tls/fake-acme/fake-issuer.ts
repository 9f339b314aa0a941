import type { webcrypto } from 'node:crypto';
import type { TestAuthority } from '../../support/test-authority.ts';
import { isBoundBy, readJws, thumbprint } from './jws.ts';
import { Refusal } from './refusal.ts';

export interface FakeSettings {
  /** The window that renewal information tells for every certificate; without it the directory offers none. */
  readonly renewalWindow?: { readonly start: string; readonly end: string };
  readonly profiles?: readonly string[];
  readonly eab?: { readonly kid: string; readonly hmacKey: string };
  /** Challenge types on offer. Default: all three, for wildcards dns-01 only. */
  readonly challenges?: readonly string[];
  /** How often an authorization is still pending, or an order processing, when it is asked for. Default 0. */
  readonly pendingPolls?: number;
  /** Retry-After of these, and of renewal information. */
  readonly retryAfter?: string;
  /** Names that were proven once need not be again. */
  readonly reuse?: boolean;
  /** What is wrong with a name, as it is checked; null = nothing. */
  readonly verdict?: (name: string, type: string, token: string) => object | null;
  /** Names of the certificate in place of those that were ordered. */
  readonly certifies?: readonly string[];
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json: unknown;
}

interface Ask {
  readonly jwk: webcrypto.JsonWebKey;
  /** Null with POST-as-GET. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever a client sends
  readonly payload: any;
}

export interface FakeOrder {
  readonly names: readonly string[];
  readonly profile?: string;
  readonly replaces?: string;
  readonly authorizations: readonly FakeAuthorization[];
  status: 'processing' | 'valid' | null;
  polls: number;
  certificate: string;
}

interface FakeAuthorization {
  readonly name: string;
  status: 'pending' | 'valid' | 'invalid';
  polls: number;
  tried: string;
  error: object | null;
}

/** Accounts, orders and certificates of the fake server; what comes here is signed as it must be. */
export class FakeIssuer {
  readonly accounts = new Map<string, { jwk: webcrypto.JsonWebKey; contact: readonly string[] }>();
  /** In the order of their making. */
  readonly orders: FakeOrder[] = [];
  /** Ids that renewal information was asked for. */
  readonly renewalIds: string[] = [];
  /** May be replaced while it runs. */
  settings: FakeSettings;
  readonly #origin: string;
  readonly #authority: TestAuthority;
  readonly #authorizations: FakeAuthorization[] = [];

  constructor(origin: string, authority: TestAuthority, settings: FakeSettings) {
    this.#origin = origin;
    this.#authority = authority;
    this.settings = settings;
  }

  account(url: string): { jwk: webcrypto.JsonWebKey } | undefined {
    return this.accounts.get(url);
  }

  /** What is asked without a signature. */
  tell(endpoint: string, id: string): Reply {
    const { renewalWindow, profiles, retryAfter } = this.settings;
    switch (endpoint) {
      case 'nonce':
        return { status: 200, json: '' };
      case 'renewal-info':
        this.renewalIds.push(id);
        return this.#slow({ suggestedWindow: renewalWindow }, retryAfter !== undefined);
      default: {
        const at = (name: string) => `${this.#origin}/${name}`;
        const meta = { profiles: profiles && Object.fromEntries(profiles.map((name) => [name, 'a profile'])) };
        const urls = { newNonce: at('nonce'), newAccount: at('new-account'), newOrder: at('new-order') };
        return { status: 200, json: { ...urls, meta, ...(renewalWindow ? { renewalInfo: at('renewal-info') } : {}) } };
      }
    }
  }

  async act(endpoint: string, id: string, ask: Ask): Promise<Reply> {
    const order = () => found(this.orders[Number(id)]);
    const authorization = () => found(this.#authorizations[Number(id.split('-')[0])]);
    switch (endpoint) {
      case 'new-account':
        return this.#newAccount(ask);
      case 'account':
        return { status: 200, json: { status: 'valid', contact: ask.payload?.contact } };
      case 'new-order':
        return this.#newOrder(ask);
      case 'order':
        return this.#order(order(), id, 200);
      case 'authorization':
        return this.#authorization(authorization());
      case 'challenge':
        return this.#challenge(authorization(), id.split('-').slice(1).join('-'), ask);
      case 'finalize':
        return this.#finalize(order(), id, ask);
      case 'certificate':
        return {
          status: 200,
          headers: { 'content-type': 'application/pem-certificate-chain' },
          json: order().certificate,
        };
      default:
        throw new Refusal(404, 'malformed', `there is no ${endpoint}`);
    }
  }

  #newAccount({ jwk, payload }: Ask): Reply {
    const { eab } = this.settings;
    if (eab && !payload.externalAccountBinding) throw new Refusal(403, 'externalAccountRequired', 'no binding');
    if (eab) {
      const binding = readJws(JSON.stringify(payload.externalAccountBinding));
      const good = binding.header.kid === eab.kid && isBoundBy(binding, eab.hmacKey);
      if (!good) throw new Refusal(403, 'unauthorized', 'the binding is wrong');
    }
    const url = `${this.#origin}/account/${thumbprint(jwk)}`;
    const status = this.accounts.has(url) ? 200 : 201;
    this.accounts.set(url, { jwk, contact: payload.contact ?? [] });
    return { status, headers: { location: url }, json: { status: 'valid' } };
  }

  #newOrder({ payload }: Ask): Reply {
    const { replaces, profile, identifiers } = payload as {
      replaces?: string;
      profile?: string;
      identifiers: { value: string }[];
    };
    if (replaces !== undefined && this.orders.some((order) => order.replaces === replaces)) {
      throw new Refusal(409, 'alreadyReplaced', 'that certificate was replaced before');
    }
    if (profile !== undefined && !this.settings.profiles?.includes(profile)) {
      throw new Refusal(400, 'invalidProfile', 'no such profile');
    }
    const names = identifiers.map(({ value }) => value);
    const authorizations = names.map((name) => this.#authorizationFor(name));
    const more = { ...(profile === undefined ? {} : { profile }), ...(replaces === undefined ? {} : { replaces }) };
    this.orders.push({ names, authorizations, status: null, polls: 0, certificate: '', ...more });
    const id = String(this.orders.length - 1);
    return this.#order(found(this.orders.at(-1)), id, 201);
  }

  #authorizationFor(name: string): FakeAuthorization {
    const valid = this.#authorizations.find((other) => other.name === name && other.status === 'valid');
    if (valid && this.settings.reuse) return valid;
    const made: FakeAuthorization = { name, status: 'pending', polls: 0, tried: '', error: null };
    this.#authorizations.push(made);
    return made;
  }

  #order(order: FakeOrder, id: string, status: number): Reply {
    const statuses = order.authorizations.map((authorization) => authorization.status);
    if (order.status === 'processing' && order.polls-- <= 0) order.status = 'valid';
    const proven = statuses.includes('invalid') ? 'invalid' : statuses.includes('pending') ? 'pending' : 'ready';
    const json = {
      status: order.status ?? proven,
      identifiers: order.names.map((value) => ({ type: 'dns', value })),
      authorizations: order.authorizations.map(
        (one) => `${this.#origin}/authorization/${this.#authorizations.indexOf(one)}`,
      ),
      finalize: `${this.#origin}/finalize/${id}`,
      ...(order.status === 'valid' ? { certificate: `${this.#origin}/certificate/${id}` } : {}),
    };
    const reply = this.#slow(json, json.status === 'processing');
    return { ...reply, status, headers: { ...reply.headers, location: `${this.#origin}/order/${id}` } };
  }

  #authorization(authorization: FakeAuthorization): Reply {
    const { name, tried } = authorization;
    if (tried !== '' && authorization.status === 'pending' && authorization.polls-- <= 0) {
      authorization.error = this.settings.verdict?.(name, tried, token(tried, name)) ?? null;
      authorization.status = authorization.error ? 'invalid' : 'valid';
    }
    const wildcard = name.startsWith('*.');
    const types = this.settings.challenges ?? (wildcard ? ['dns-01'] : ['http-01', 'tls-alpn-01', 'dns-01']);
    const json = {
      identifier: { type: 'dns', value: name.replace(/^\*\./, '') },
      ...(wildcard ? { wildcard } : {}),
      status: authorization.status,
      challenges: types.map((type) => this.#offer(authorization, type)),
    };
    return this.#slow(json, tried !== '' && authorization.status === 'pending');
  }

  #offer(authorization: FakeAuthorization, type: string) {
    const url = `${this.#origin}/challenge/${this.#authorizations.indexOf(authorization)}-${type}`;
    const tried = authorization.tried === type;
    const status = tried ? authorization.status : 'pending';
    return {
      type,
      url,
      token: token(type, authorization.name),
      status,
      ...(tried && authorization.error ? { error: authorization.error } : {}),
    };
  }

  #challenge(authorization: FakeAuthorization, type: string, { payload }: Ask): Reply {
    if (payload !== null && authorization.tried === '') {
      authorization.tried = type;
      authorization.polls = this.settings.pendingPolls ?? 0;
    }
    return { status: 200, json: this.#offer(authorization, type) };
  }

  async #finalize(order: FakeOrder, id: string, { payload }: Ask): Promise<Reply> {
    const before = this.#order(order, id, 200).json as { status: string };
    if (before.status !== 'ready') throw new Refusal(403, 'orderNotReady', `the order is ${before.status}`);
    const names = this.settings.certifies ?? order.names;
    const leaf = await this.#authority.sign(Buffer.from(payload.csr, 'base64url'), names);
    order.certificate = `${leaf}${this.#authority.certPem}`;
    order.polls = this.settings.pendingPolls ?? 0;
    order.status = order.polls > 0 ? 'processing' : 'valid';
    return this.#order(order, id, 200);
  }

  #slow(json: unknown, slow: boolean): Reply {
    const { retryAfter } = this.settings;
    return {
      status: 200,
      ...(slow && retryAfter !== undefined ? { headers: { 'retry-after': retryAfter } } : {}),
      json,
    };
  }
}

const token = (type: string, name: string) => Buffer.from(`${type} ${name}`).toString('base64url');

function found<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Refusal(404, 'malformed', 'there is no such thing');
  return thing;
}
