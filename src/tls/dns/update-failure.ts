import type { TsigVerdict } from './tsig.ts';
import type { NameServer } from './wire-exchange.ts';

/** Why a name server did not do as we asked. */
export type UpdateFailure =
  | Exclude<TsigVerdict, { kind: 'good' | 'unsigned' | 'wrong-time' }>
  | { readonly kind: 'wrong-time'; readonly serverSeconds: number | null; readonly nowSeconds: number }
  | { readonly kind: 'no-answer'; readonly why: string }
  /** No DNS message. */
  | { readonly kind: 'garbled' }
  /** It answered, but not with the zone that the name is in. */
  | { readonly kind: 'no-zone' }
  | { readonly kind: 'refused'; readonly rcode: number };

interface Scene {
  readonly server: NameServer;
  readonly keyName: string;
  readonly owner: string;
  /** null while it is being looked for. */
  readonly zone: string | null;
}

/** What went wrong and what to do, in words. */
export function updateFailureText(failure: UpdateFailure, scene: Scene): string {
  const { keyName, owner } = scene;
  const server = `the name server ${scene.server.host}:${scene.server.port}`;
  switch (failure.kind) {
    case 'no-answer':
      return `${server} does not answer (${failure.why}): check its address, and that port ${scene.server.port} is open`;
    case 'garbled':
      return `${server} answers with something that is no DNS message`;
    case 'forged':
      return `the answer of ${server} does not bear its signature with the key ${keyName}: something between us changes messages, or it does not sign`;
    case 'unknown-key':
      return `${server} does not know the key ${keyName}, or knows it with another algorithm (BADKEY): name both as in its configuration, such as rfc2136://${keyName}.hmac-sha512@…`;
    case 'wrong-secret':
      return `${server} has another secret for the key ${keyName} (BADSIG): copy it again from its configuration`;
    case 'wrong-time':
      return `${server} and this machine do not agree on the time${differenceText(failure)} (BADTIME): set both clocks right`;
    case 'no-zone':
      return `${server} does not say which zone ${owner} is in: is it the primary server of that zone?`;
    case 'refused':
      return refusalText(failure.rcode, server, scene);
    default:
      return failure satisfies never;
  }
}

function differenceText({ serverSeconds, nowSeconds }: { serverSeconds: number | null; nowSeconds: number }): string {
  if (serverSeconds === null) return '';
  const ahead = serverSeconds - nowSeconds;
  return `: its clock is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead of' : 'behind'} ours`;
}

/** Response codes of RFC 1035 §4.1.1 and RFC 2136 §2.2. */
function refusalText(rcode: number, server: string, { keyName, owner, zone }: Scene): string {
  const what = zone === null ? `to say which zone ${owner} is in` : `to change ${owner} in the zone ${zone}`;
  switch (rcode) {
    case 1:
      return `${server} does not understand the request ${what} (FORMERR)`;
    case 2:
      return `${server} failed ${what} (SERVFAIL): its log says why; often it may not write the zone's journal`;
    case 4:
      return `${server} does not know dynamic updates (NOTIMP)`;
    case 5:
      return zone === null
        ? `${server} refuses ${what} (REFUSED): does it serve that zone?`
        : `${server} refuses ${what} (REFUSED): allow it there, such as update-policy { grant ${keyName} name ${owner}. TXT; };`;
    case 9:
      return `${server} is not authoritative for ${zone ?? owner} (NOTAUTH): name the primary server of the zone`;
    case 10:
      return `${server} says that ${owner} is not in the zone ${zone} (NOTZONE)`;
    default:
      return `${server} refuses ${what} (response code ${rcode})`;
  }
}
