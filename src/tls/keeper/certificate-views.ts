import type { Certificate } from '../certificate.ts';
import type { CertificateState, CertificateView } from '../certificate-view.ts';
import type { FileCertificate } from '../file-certificates.ts';
import type { WantedCertificate } from '../wanted.ts';
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

export function acmeView(wanted: WantedCertificate, pursuit: Pursuit | undefined, nowMs: number): CertificateView {
  const certificate = pursuit?.held?.certificate ?? null;
  const dueMs = pursuit?.dueMs() ?? null;
  return viewOf(wanted, certificate, {
    mode: 'acme',
    ...acmeState(pursuit, certificate, nowMs),
    nextAttempt: dueMs === null || !Number.isFinite(dueMs) ? null : iso(Math.max(dueMs, nowMs)),
    failures: pursuit?.failures ?? 0,
    problem: pursuit?.problem ?? null,
  });
}

function acmeState(
  pursuit: Pursuit | undefined,
  certificate: Certificate | null,
  nowMs: number,
): { state: CertificateState; why: string } {
  const problem = pursuit?.problem ?? null;
  const trouble = problem === null ? (pursuit?.pause ?? '') : `${problem.cause} ${problem.remedy}`;
  if (certificate !== null && certificate.notAfterMs <= nowMs)
    return { state: 'expired', why: `The certificate has ended. ${trouble}`.trim() };
  if (pursuit?.under) return { state: 'ordering', why: 'An order is under way.' };
  if (certificate === null)
    return {
      state: 'waiting',
      why: trouble === '' ? 'There is no certificate yet; an order is about to be placed.' : trouble,
    };
  if (problem !== null)
    return { state: 'renewal-failing', why: `The certificate is in use, but could not be renewed. ${trouble}` };
  return { state: 'valid', why: 'The certificate is in use.' };
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
  nowMs: number,
): CertificateView {
  const said = fault === null ? '' : `cert:${name}: ${fault}.`;
  if (certificate === null) return viewOf(wanted, null, { mode: 'file', state: 'missing', why: said });
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

export function missingView(wanted: WantedCertificate, why: string): CertificateView {
  return viewOf(wanted, null, { mode: 'acme', state: 'no-issuer', why });
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
