import type { Certificate } from '../certificate.ts';
import type { CertificateState, CertificateView } from '../certificate-view.ts';
import { coversHost } from '../covers-host.ts';
import type { FileCertificate } from '../file-certificates.ts';
import type { WantedCertificate } from '../wanted.ts';
import type { HeldCertificate } from './keeper-tools.ts';
import type { Pursuit } from './pursuit.ts';
import { keptDays, type UnusedCertificate } from './unused-certificates.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

function viewOf(
  { names, routes }: Pick<WantedCertificate, 'names' | 'routes'>,
  certificate: Certificate | null,
  about: Pick<CertificateView, 'mode' | 'state' | 'why'> & Partial<CertificateView>,
): CertificateView {
  return {
    names,
    ...{ nextAttempt: null, failures: 0, problem: null },
    issuer: certificate?.issuer ?? null,
    notBefore: certificate === null ? null : iso(certificate.notBeforeMs),
    notAfter: certificate === null ? null : iso(certificate.notAfterMs),
    routes,
    ...about,
  };
}

export interface AcmeStanding {
  readonly pursuit: Pursuit | undefined;
  /** When the next order is due, epoch ms; null while one is under way. */
  readonly dueMs: number | null;
  /** What is shown meanwhile for all its names; null = nothing. */
  readonly standIn: Certificate | null;
  /** One of the internal CA is shown where there is no other. */
  readonly hasPlaceholder: boolean;
  readonly nowMs: number;
}

export function acmeView(wanted: WantedCertificate, about: AcmeStanding): CertificateView {
  const { pursuit, dueMs, standIn, nowMs } = about;
  return viewOf(wanted, pursuit?.held?.certificate ?? standIn, {
    mode: 'acme',
    ...acmeState(about),
    nextAttempt: dueMs === null || !Number.isFinite(dueMs) ? null : iso(Math.max(dueMs, nowMs)),
    failures: pursuit?.failures ?? 0,
    problem: pursuit?.problem ?? null,
  });
}

function acmeState(about: AcmeStanding): { state: CertificateState; why: string } {
  const { pursuit, standIn, hasPlaceholder, nowMs } = about;
  const held = pursuit?.held?.certificate ?? null;
  const certificate = held ?? standIn;
  const problem = pursuit?.problem ?? null;
  const trouble = problem === null ? pauseText(pursuit) : `${problem.cause} ${problem.remedy}`;
  if (certificate !== null && certificate.notAfterMs <= nowMs)
    return { state: 'expired', why: `The certificate has ended; it is shown all the same. ${trouble}`.trim() };
  const meanwhile =
    standIn !== null
      ? ' Meanwhile the one from before is in use.'
      : held === null && hasPlaceholder
        ? ' Meanwhile clients are shown a placeholder of the internal CA.'
        : '';
  if (pursuit?.under) return { state: 'ordering', why: `An order is under way.${meanwhile}` };
  if (certificate !== null && problem !== null)
    return { state: 'renewal-failing', why: `The certificate is in use, but could not be renewed. ${trouble}` };
  if (held === null)
    return {
      state: 'waiting',
      why: `${trouble === '' ? 'There is no certificate yet; an order is about to be placed.' : trouble}${meanwhile}`,
    };
  return { state: 'valid', why: `The certificate is in use.${clockText(held, nowMs)}` };
}

function pauseText(pursuit: Pursuit | undefined): string {
  const pause = pursuit?.pause ?? '';
  return pause === '' ? '' : `No order yet: ${pause}.`;
}

/** Where the clock is behind, clients with a better one see nothing of it. */
function clockText({ notBeforeMs }: Certificate, nowMs: number): string {
  return notBeforeMs <= nowMs
    ? ''
    : ` By the clock of this machine it is not valid before ${iso(notBeforeMs)}: is the clock right?`;
}

export function internalView(
  wanted: WantedCertificate,
  certificate: Certificate | null,
  nowMs: number,
): CertificateView {
  return viewOf(wanted, certificate, {
    mode: 'internal',
    ...(certificate === null || certificate.notAfterMs <= nowMs
      ? { state: 'waiting', why: 'The internal CA is signing the certificate.' }
      : {
          state: 'valid',
          why: 'Signed by the internal CA: clients trust it once they trust its root, which /certs/root.pem gives.',
        }),
  });
}

export function fileView(
  wanted: WantedCertificate,
  name: string,
  { certificate, fault }: FileCertificate,
  { standIn, nowMs }: { readonly standIn: Certificate | null; readonly nowMs: number },
): CertificateView {
  const said = fault === null ? '' : `cert:${name}: ${fault}.`;
  if (certificate === null) return viewOf(wanted, standIn, { mode: 'file', state: 'missing', why: said });
  const isOver = certificate.notAfterMs <= nowMs;
  const why = isOver
    ? `cert:${name} has ended: put a new one in its place, it is read at once.`
    : `Read from the files of cert:${name}.`;
  const state = isOver ? 'expired' : 'valid';
  return viewOf(wanted, certificate, {
    ...{ mode: 'file', state },
    why: fault === null ? why : `${why} The files as they are now cannot be used: ${said}`,
  });
}

export function missingView(wanted: WantedCertificate, why: string, standIn: Certificate | null): CertificateView {
  return viewOf(wanted, standIn, { mode: 'acme', state: 'no-issuer', why });
}

/** A certificate that is shown for some of the names that one is wanted for, until that is there. */
export function standInView(
  { certificate }: HeldCertificate,
  wanted: WantedCertificate,
  nowMs: number,
): CertificateView {
  const names = certificate.names.filter((name) => coversAny(name, wanted.names));
  return viewOf({ names, routes: [] }, certificate, {
    mode: 'acme',
    state: certificate.notAfterMs <= nowMs ? 'expired' : 'valid',
    why: `In use until the certificate for ${wanted.names.join(', ')} is there.`,
  });
}

function coversAny(name: string, wanted: readonly string[]): boolean {
  return wanted.some((one) => coversHost([name], one));
}

export function unusedView({ held, archivedAtMs }: UnusedCertificate, nowMs: number): CertificateView {
  const { certificate } = held;
  const days = Math.max(0, Math.ceil((archivedAtMs - nowMs) / (24 * 60 * 60_000)));
  return viewOf({ names: certificate.names, routes: [] }, certificate, {
    mode: 'acme',
    state: 'unused',
    why: `No route needs it: it is not renewed, and archived in ${days} of ${keptDays} days.`,
  });
}
