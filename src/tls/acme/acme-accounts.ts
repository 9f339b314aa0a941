import { createPrivateKey } from 'node:crypto';
import { shapeOf, textAt } from '../../base/shape.ts';
import { nonsense } from './acme-answer.ts';
import { AcmeSession } from './acme-session.ts';
import type { AcmeStore } from './acme-store.ts';
import type { AcmeTransport } from './acme-transport.ts';
import { AcmeFailure } from './failure.ts';
import type { Issuer } from './issuer.ts';
import { isUrl } from './order-document.ts';
import { silent } from './unreachable.ts';
import { within } from './within.ts';

interface KeptAccount {
  readonly keyPem: string;
  /** '' = not made yet. */
  readonly url: string;
  readonly email: string;
}

/** The accounts at issuers: each made once, however many orders ask at a time, and kept with its ECDSA P-256 key. */
export class AcmeAccounts {
  readonly #store: AcmeStore;
  /** By key in the store; as many as there are issuers in the settings, and their stagings. */
  readonly #opening = new Map<string, Promise<KeptAccount>>();

  constructor(store: AcmeStore) {
    this.#store = store;
  }

  /**
   * Opens the account for orders; makes it, agreeing to the issuer's terms, where there is none.
   *
   * @throws AcmeFailure with stage 'account'.
   */
  async open(transport: AcmeTransport): Promise<AcmeSession> {
    const { keyPem, url } = await this.#shared(storeKey(transport.issuer), transport);
    return new AcmeSession(transport, clientOf(transport, { keyPem, url }), url);
  }

  /** The issuer knows an account no more: the next `open` makes it again, with the same key. */
  async lost(issuer: Issuer, accountUrl: string): Promise<void> {
    const key = storeKey(issuer);
    const kept = await this.#read(key);
    // Another order may have made it again meanwhile.
    if (kept?.url === accountUrl) await this.#keep(key, { ...kept, url: '' });
  }

  async #shared(key: string, transport: AcmeTransport): Promise<KeptAccount> {
    const other = this.#opening.get(key);
    if (other) {
      const { clock, signal, limits } = transport.about;
      const overdue = () => silent(transport.issuer.directoryUrl, limits.orderMsMax, 'account');
      try {
        return await within({ clock, signal, ms: limits.orderMsMax, overdue }, () => other);
      } catch (error) {
        // That the other order was given up says nothing of this one.
        if (error instanceof AcmeFailure) throw error;
        signal.throwIfAborted();
        return this.#shared(key, transport);
      }
    }
    const opening = this.#account(key, transport).finally(() => this.#opening.delete(key));
    this.#opening.set(key, opening);
    return opening;
  }

  async #account(key: string, transport: AcmeTransport): Promise<KeptAccount> {
    const { email } = transport.issuer;
    const kept = await this.#read(key);
    if (kept && kept.url !== '' && kept.email === email) return kept;
    const keyPem = kept?.keyPem ?? (await transport.library.crypto.createPrivateEcdsaKey('P-256')).toString();
    // Before the account is made: a crash in between makes the same one again, not a second.
    if (!kept) await this.#keep(key, { keyPem, url: '', email });
    const account = { keyPem, email, url: await registered(transport, { keyPem, url: kept?.url ?? '' }) };
    await this.#keep(key, account);
    return account;
  }

  /** Null where nothing is kept, or something that is no account. */
  async #read(key: string): Promise<KeptAccount | null> {
    const text = await this.#store.get(key).catch((error: unknown) => {
      throw keptFailure('read', error);
    });
    try {
      const shape = shapeOf(JSON.parse(String(text)));
      const keyPem = textAt(shape, 'keyPem');
      createPrivateKey(keyPem);
      return { keyPem, url: textAt(shape, 'url'), email: textAt(shape, 'email') };
    } catch {
      return null;
    }
  }

  async #keep(key: string, account: KeptAccount): Promise<void> {
    try {
      const kept = await this.#store.set(key, JSON.stringify(account));
      if (kept === false) throw new Error('the store said no');
    } catch (error) {
      throw keptFailure('written', error);
    }
  }
}

/** Makes the account at its issuer, or, with a URL, tells it the e-mail; gives its URL. */
async function registered(transport: AcmeTransport, account: { keyPem: string; url: string }): Promise<string> {
  const { email } = transport.issuer;
  const client = clientOf(transport, account);
  const contact = email === '' ? [] : [`mailto:${email}`];
  try {
    await transport.exchange('account', () => client.createAccount({ termsOfServiceAgreed: true, contact }));
  } catch (error) {
    if (account.url === '' || !isLostAccount(error)) throw error;
    return registered(transport, { ...account, url: '' });
  }
  return accountUrl(client);
}

/** Whether the issuer says that it does not know the account (any more). */
export function isLostAccount(error: unknown): boolean {
  return error instanceof AcmeFailure && error.problem.type === 'urn:ietf:params:acme:error:accountDoesNotExist';
}

function keptFailure(done: 'read' | 'written', cause: unknown): AcmeFailure {
  const detail = `the account's key cannot be ${done}: ${cause instanceof Error ? cause.message : cause}`;
  return new AcmeFailure({ type: '', status: null, detail, subproblems: [] }, { stage: 'account', cause });
}

function clientOf({ library, issuer }: AcmeTransport, { keyPem, url }: { keyPem: string; url: string }) {
  const { directoryUrl, eab } = issuer;
  return new library.Client({
    directoryUrl,
    accountKey: keyPem,
    ...(url === '' ? {} : { accountUrl: url }),
    ...(eab ? { externalAccountBinding: eab } : {}),
  });
}

function accountUrl(client: ReturnType<typeof clientOf>): string {
  let url = '';
  try {
    url = client.getAccountUrl();
  } catch {
    // None was in the answer: told below.
  }
  if (!isUrl(url)) throw nonsense('an account without a URL', { stage: 'account' });
  return url;
}

/** Another binding is another account. */
const storeKey = ({ directoryUrl, eab }: Issuer) => `account ${directoryUrl}${eab ? ` ${eab.kid}` : ''}`;
