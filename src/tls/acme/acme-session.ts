import type { Client } from 'acme-client';
import type { AcmeAnswer } from './acme-answer.ts';
import { nonsense } from './acme-answer.ts';
import type { AcmeTransport } from './acme-transport.ts';
import type { OrderStage } from './failure.ts';
import { isUrl, type OrderDocument, orderDocument } from './order-document.ts';

/** What a new order asks for (RFC 8555 §7.4). */
export interface OrderRequest {
  readonly identifiers: { readonly type: 'dns' | 'ip'; readonly value: string }[];
  readonly profile?: string;
  /** Id of the certificate that this one is to replace (RFC 9773 §5). */
  readonly replaces?: string;
}

/** An account at its issuer, ready for orders. All of it throws AcmeFailure. */
export class AcmeSession {
  readonly transport: AcmeTransport;
  readonly accountUrl: string;
  readonly #client: Client;

  /** @param client with the account's key and URL. */
  constructor(transport: AcmeTransport, client: Client, accountUrl: string) {
    this.transport = transport;
    this.#client = client;
    this.accountUrl = accountUrl;
  }

  async createOrder(request: OrderRequest): Promise<OrderDocument> {
    const answer = await this.transport.exchange('order', () => this.#client.createOrder(request));
    if (!isUrl(answer.location)) throw nonsense('an order without a URL', { stage: 'order', data: answer.data });
    return orderDocument(answer, answer.location, 'order');
  }

  getOrder(url: string, stage: OrderStage): Promise<AcmeAnswer> {
    return this.transport.exchange(stage, () => this.#client.getOrder({ url } as Parameters<Client['getOrder']>[0]));
  }

  getAuthorization(url: string): Promise<AcmeAnswer> {
    const order = { authorizations: [url] } as unknown as Parameters<Client['getAuthorizations']>[0];
    return this.transport.exchange('challenge', () => this.#client.getAuthorizations(order));
  }

  /** What is shown to the issuer; for dns-01 the value of the TXT record. */
  keyAuthorization(challenge: { readonly type: string; readonly token: string }): Promise<string> {
    type Known = Parameters<Client['getChallengeKeyAuthorization']>[0];
    return this.#client.getChallengeKeyAuthorization(challenge as Known);
  }

  /** Tells the issuer that it may look. */
  completeChallenge(url: string): Promise<AcmeAnswer> {
    type Known = Parameters<Client['completeChallenge']>[0];
    return this.transport.exchange('challenge', () => this.#client.completeChallenge({ url } as Known));
  }

  /** @param csr PEM. */
  finalize(order: OrderDocument, csr: Buffer): Promise<AcmeAnswer> {
    type Known = Parameters<Client['finalizeOrder']>[0];
    const { url, finalize } = order;
    return this.transport.exchange('finalize', () => this.#client.finalizeOrder({ url, finalize } as Known, csr));
  }

  /** PEM, if the issuer is one; not looked at yet. */
  async certificate(certificate: string): Promise<unknown> {
    type Known = Parameters<Client['getCertificate']>[0];
    const valid = { status: 'valid', certificate } as Known;
    return (await this.transport.exchange('download', () => this.#client.getCertificate(valid))).data;
  }
}
