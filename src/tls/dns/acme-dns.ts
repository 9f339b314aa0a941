import type { Clock } from '../../base/clock.ts';
import type { DnsAccess } from '../acme/issuer.ts';
import { dnsFailure } from './dns-failure.ts';
import { type JsonAnswer, requestJson } from './json-request.ts';
import type { ChallengeRecord, TxtProvider } from './txt-provider.ts';

export type AcmeDnsAccess = Extract<DnsAccess, { readonly kind: 'acmedns' }>;

/**
 * Sets records at an acme-dns server (github.com/joohoi/acme-dns), to which the zone has left its challenges by a CNAME. It
 * keeps the last two values of an account and forgets the oldest by itself, so nothing is ever taken away, and a third value at
 * the same time would drive out one that is still needed.
 */
export function acmeDns(access: AcmeDnsAccess, { clock }: { readonly clock: Clock }): TxtProvider {
  return {
    valuesMax: 2,
    async present(record, value, signal) {
      checkCname(record, access);
      const headers = { 'x-api-user': access.username, 'x-api-key': access.password };
      const body = { subdomain: access.subdomain, txt: value };
      const url = `${access.url.replace(/\/+$/, '')}/update`;
      const answer = await requestJson({ method: 'POST', url, headers, body }, { clock, signal });
      if (answer.status !== 200) {
        const text = refusalText(answer, new URL(url).host).replaceAll(access.password, '…');
        throw dnsFailure(text, { retryAfterMs: answer.retryAfterMs });
      }
      return async () => {};
    },
  };
}

/** Without the CNAME an issuer never gets to see the value, and an order is spent for nothing. */
function checkCname({ name, owner, isCertain }: ChallengeRecord, { subdomain, fullDomain }: AcmeDnsAccess): void {
  if (owner.split('.')[0] === subdomain) return;
  const first = `_acme-challenge.${name}`;
  const wanted = `in the zone of ${name}, set: ${first}. CNAME ${fullDomain}.`;
  if (!isCertain && owner === first) throw dnsFailure(`DNS does not answer for ${first}; if it is missing ${wanted}`);
  if (owner === first) throw dnsFailure(`${first} is no CNAME for the account at acme-dns; ${wanted}`);
  throw dnsFailure(`${first} is a CNAME for ${owner}, which is not the account at acme-dns; ${wanted}`);
}

/** acme-dns says what is wrong by one word: `{"error":"forbidden"}`. */
function refusalText(answer: JsonAnswer, host: string): string {
  const { error } = (answer.json ?? {}) as { error?: unknown };
  const said = typeof error === 'string' ? `${answer.status} ${error}` : `${answer.status} ${answer.text}`;
  switch (answer.status) {
    case 401:
      return `acme-dns at ${host} refuses the account (${said}): check user name and password, and that its allowfrom admits this machine`;
    case 400:
      return `acme-dns at ${host} refuses the update (${said}): check the subdomain, which is the first part of the fulldomain that it gave`;
    default:
      return `acme-dns at ${host} did not set the value (${said})`;
  }
}
