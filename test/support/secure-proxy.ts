import { request } from 'node:https';
import type { TestContext } from 'node:test';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { CertificateView } from '../../src/tls/certificate-view.ts';
import { eventually, testEngine } from './engine.ts';
import { ProxyProcess } from './proxy-process.ts';

/** A proxy that ends TLS, with what else it is told. */
export function secureProxy(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<ProxyProcess> {
  return ProxyProcess.start(t, {
    endpoint: testEngine(t).endpoint,
    env: { FAIRLEAD_HTTPS: '127.0.0.1:0', FAIRLEAD_WORKERS: '2', ...env },
  });
}

/** What `/certs` tells. */
export async function certificates(proxy: ProxyProcess): Promise<readonly CertificateView[]> {
  return (JSON.parse((await proxy.admin('/certs')).body) as { certificates: CertificateView[] }).certificates;
}

/** The certificate of a name, once it is in that state. */
export async function standing(
  proxy: ProxyProcess,
  name: string,
  state: CertificateView['state'],
  withinMs = 20_000,
): Promise<CertificateView> {
  let last: CertificateView | undefined;
  try {
    return await eventually(
      `${name} is ${state}`,
      async () => {
        last = (await certificates(proxy)).find((one) => one.names.includes(name));
        return last?.state === state && last;
      },
      withinMs,
    );
  } catch (error) {
    throw new Error(
      `${(error as Error).message}; last: ${JSON.stringify(last)}; its log:\n${proxy.stdout.slice(-3_000)}`,
    );
  }
}

export interface SecureAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly certificate: PeerCertificate;
}

export interface SecureAsk {
  readonly ca: string;
  /** The header, where it is not the name of the handshake. */
  readonly host?: string;
  readonly path?: string;
  /** 127.0.0.1 where nothing is said. */
  readonly address?: string;
}

/**
 * One request over TLS on a connection of its own; rejects where `ca` does not vouch for the certificate. What the control plane
 * tells, such as that a certificate is valid, the workers know a moment later: where a name is refused, or no backend is there
 * yet, it asks again.
 */
export function secureGet(port: number, name: string, ask: SecureAsk): Promise<SecureAnswer> {
  return eventually(`https://${name} is served`, async () => {
    try {
      const answer = await secureGetOnce(port, name, ask);
      return answer.status !== 503 && answer;
    } catch (error) {
      if (isRefusedName(error)) return undefined;
      throw error;
    }
  });
}

/** Whether a handshake has ended with the alert that nobody claims its name. */
export function isRefusedName(error: unknown): boolean {
  return error instanceof Error && error.message.includes('unrecognized name');
}

/** As `secureGet`, whatever comes of it. */
export function secureGetOnce(
  port: number,
  name: string,
  { ca, host = name, path = '/', address = '127.0.0.1' }: SecureAsk,
): Promise<SecureAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<SecureAnswer>();
  const asked = request(
    { host: address, port, path, servername: name, ca, headers: { host }, agent: false },
    (response) => {
      const certificate = (response.socket as TLSSocket).getPeerCertificate();
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('error', reject).on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, certificate });
      });
    },
  );
  asked.on('error', reject).end();
  return promise;
}

/** The same, as soon as the workers show a certificate for the name: they have it a moment after the control plane. */
export function secureGetSoon(...[port, name, about]: Parameters<typeof secureGet>): Promise<SecureAnswer> {
  return eventually(`${name} is shown a certificate`, () =>
    secureGet(port, name, about).catch((error: Error) => {
      if (/unrecognized name/.test(error.message)) return false as const;
      throw error;
    }),
  );
}
