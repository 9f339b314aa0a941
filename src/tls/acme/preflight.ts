import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { atOnce } from './at-once.ts';
import type { ChallengeAnswer, ChallengeBoard } from './challenge.ts';
import { AcmeFailure } from './failure.ts';
import { type Finding, findingText } from './finding.ts';
import { issuerText } from './issuer-text.ts';
import { lookUp, type NameResolver } from './name-addresses.ts';
import type { Probe } from './probe.ts';
import { weighed } from './weigh-findings.ts';
import { within } from './within.ts';

export interface PreflightAbout {
  /** How the order will prove its names; with the DNS challenge nothing has to reach us and there is nothing to ask here. */
  readonly challenge:
    | { readonly kind: 'http' }
    /** @param certify makes a certificate for a name, as the challenge would show it. */
    | {
        readonly kind: 'alpn';
        readonly certify: (name: string) => Promise<{ readonly chainPem: string; readonly keyPem: string }>;
      };
  readonly board: ChallengeBoard;
  readonly resolver: NameResolver;
  readonly probe: Probe;
  readonly clock: Clock;
  /** A text that nobody can guess, of URL characters. */
  readonly secret: () => string;
}

/** All of it; what is not known by then is told as such and holds nothing back. */
const patienceMs = 5_000;

function overdue(): Error {
  return Object.assign(new Error('the preflight took too long'), { code: 'ETIMEDOUT' });
}

/** Names that are looked at together, each with all its addresses. */
const namesAtOnce = 16;

/**
 * Looks at names as an issuer would before an order is spent on them: does each resolve, and does each of its addresses bring back an
 * answer that only we can give? See weigh-findings.ts for what it means. Never rejects for what a name or an address does.
 *
 * @param names of the order; wildcards are left out, since only DNS proves them.
 */
export async function preflight(names: readonly string[], about: PreflightAbout): Promise<readonly Finding[]> {
  const end = new AbortController();
  const timer = about.clock.setTimeout(() => end.abort(overdue()), patienceMs);
  const asked = names.filter((name) => !name.startsWith('*.'));
  try {
    return (await atOnce(asked, namesAtOnce, (name) => look(name, about, end.signal))).flat();
  } finally {
    timer.cancel();
  }
}

/** Refusals in a row after which a suspicion is no longer believed: one order then asks the issuer, who knows. */
const refusalsMax = 3;

/**
 * Why an order should not be made; null when it may.
 *
 * @param refusals how often in a row the preflight held an order for these names back (`OrderLedger.refusals`).
 */
export function preflightFailure(findings: readonly Finding[], refusals: number): AcmeFailure | null {
  const held = findings.filter(({ weight }) => weight === 'fatal' || (weight === 'suspect' && refusals < refusalsMax));
  if (held.length === 0) return null;
  const subproblems = held.map((finding) => ({ name: finding.name, type: '', detail: findingText(finding) }));
  const detail = subproblems.map((one) => one.detail).join('; ');
  return new AcmeFailure({ type: '', status: null, detail, subproblems }, { stage: 'preflight' });
}

async function look(name: string, about: PreflightAbout, signal: AbortSignal): Promise<readonly Finding[]> {
  // RFC 8738 asks for names under in-addr.arpa here, and hardly any authority offers it.
  if (isIP(name) !== 0 && about.challenge.kind === 'alpn') return [];
  const found = await lookUp(name, about.resolver, signal);
  if (found.kind === 'unresolved') return weighed(name, [found]);
  try {
    const { answer, ask } = await proofOf(name, about);
    const late = (shown: { remove(): void }) => shown.remove();
    const bound = { clock: about.clock, ms: patienceMs, signal, overdue, late };
    const shown = await within(bound, () => about.board.show(answer));
    try {
      return weighed(name, await Promise.all(found.addresses.map((address) => ask(address, signal))));
    } finally {
      shown.remove();
    }
  } catch (error) {
    return weighed(
      name,
      found.addresses.map((address) => ({ kind: 'unreachable', address, code: codeOf(error) })),
    );
  }
}

type Ask = (address: string, signal: AbortSignal) => Promise<Parameters<typeof weighed>[1][number]>;

/** What we show for a name, and how an address is asked for it. */
async function proofOf(name: string, about: PreflightAbout): Promise<{ answer: ChallengeAnswer; ask: Ask }> {
  const { challenge, probe, secret } = about;
  if (challenge.kind === 'alpn') {
    const pair = await challenge.certify(name);
    const ours = new X509Certificate(pair.chainPem).fingerprint256;
    return {
      answer: { kind: 'alpn', name, ...pair },
      ask: unreachableOn(async (address, signal) => {
        const shown = await probe.alpn({ address, name }, signal);
        if (shown === ours) return { kind: 'reached', address };
        return { kind: 'other-server', address, status: null, server: '' };
      }),
    };
  }
  const token = secret();
  const keyAuthorization = `${token}.${secret()}`;
  return {
    answer: { kind: 'http', name, token, keyAuthorization },
    ask: unreachableOn(async (address, signal) => {
      const path = `/.well-known/acme-challenge/${token}`;
      const { status, server, location, body } = await probe.http({ address, name, path }, signal);
      if (status === 200 && body.trim() === keyAuthorization) return { kind: 'reached', address };
      if (status >= 300 && status < 400 && location !== '')
        return { kind: 'redirected', address, location: issuerText(location) };
      return { kind: 'other-server', address, status, server: issuerText(server) };
    }),
  };
}

function unreachableOn(ask: Ask): Ask {
  return async (address, signal) => {
    try {
      return await ask(address, signal);
    } catch (error) {
      return { kind: 'unreachable', address, code: codeOf(signal.aborted ? signal.reason : error) };
    }
  };
}

function codeOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return issuerText(String(code ?? message ?? error));
}
