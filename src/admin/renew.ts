import { domainToASCII } from 'node:url';
import { readBool } from '../base/bool.ts';
import { readAuthority } from '../http/authority.ts';
import { nearestHosts } from '../routing/nearest-hosts.ts';
import type { HeldCertificate } from '../tls/renew-answer.ts';
import { errorAnswer, jsonAnswer, textAnswer } from './admin-answer.ts';
import type { AdminAnswer, AdminContext, AdminRequest } from './admin-context.ts';
import { CertificateIndex } from './certificate-index.ts';
import { begunText, triedText } from './renew-text.ts';

/**
 * `POST /certs/renew[?host=…][&dry=1]`: orders the certificate of a host now, or all that issuers sign. With `dry` the whole
 * order runs on staging, and the answer is how it went.
 */
export async function renewEndpoint({ query, format }: AdminRequest, context: AdminContext): Promise<AdminAnswer> {
  const dry = query.has('dry') ? readBool(query.get('dry') || '1') : false;
  if (dry === null) return errorAnswer(400, '`dry` is 1 or 0', format);
  const asked = query.get('host');
  const host = asked === null ? null : readHost(asked);
  if (asked !== null && host === null) return errorAnswer(400, '`host` is a name such as app.example.com', format);

  const answer = await context.view.renew({ host, dry });
  switch (answer.kind) {
    case 'begun': {
      const { begun, held } = answer;
      if (begun.length === 0 && held.length > 0) return heldAnswer(held, format, context.now());
      return format === 'json' ? jsonAnswer({ begun, held }, 202) : textAnswer(begunText({ begun, held }), 202);
    }
    case 'tried': {
      const tried = answer.tried.map((one) => ({ ...one, ok: one.problem === null }));
      const ok = tried.every((one) => one.ok);
      return format === 'json' ? jsonAnswer({ ok, tried }) : textAnswer(triedText(tried));
    }
    case 'no-certificate': {
      const nearest = nearestCovered(host ?? '', context);
      const words = nearest.length === 0 ? '' : '; near it are';
      return errorAnswer(404, `no certificate is for ${host}${words}`, format, { nearestHosts: nearest });
    }
    case 'nothing-to-order':
      return errorAnswer(409, answer.why, format);
    default:
      return answer satisfies never;
  }
}

/** A name as certificates have it; null where it is none. */
function readHost(text: string): string | null {
  const [, wildcard = '', rest = ''] = /^(\*\.)?(.*)$/.exec(text.trim()) ?? [];
  const name = /^[\x20-\x7e]*$/.test(rest) ? rest : domainToASCII(rest);
  const authority = readAuthority(name) ?? readAuthority(`[${name}]`);
  return authority === null || authority.port !== null ? null : `${wildcard}${authority.host}`;
}

/** Hosts that have a certificate, as their routes write them. */
function nearestCovered(host: string, { view }: AdminContext): readonly string[] {
  const certificates = new CertificateIndex(view.certificates());
  const covered = view.built().table.routes.filter((route) => certificates.ofRoute(route) !== null);
  return nearestHosts(covered, host);
}

function heldAnswer(held: readonly HeldCertificate[], format: AdminRequest['format'], nowMs: number): AdminAnswer {
  const first = Math.min(...held.map(({ notBefore }) => Date.parse(notBefore)));
  const headers = { 'Retry-After': String(Math.max(1, Math.ceil((first - nowMs) / 1000))) };
  const answer =
    format === 'json' ? jsonAnswer({ begun: [], held }, 429) : textAnswer(begunText({ begun: [], held }), 429);
  return { ...answer, headers };
}
