import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { testEngine } from './engine.ts';
import { type HostBackend, hostBackend } from './host-backend.ts';
import { issuerSettings } from './issuer-settings.ts';
import { type Pebble, type PebbleWish, startPebble } from './pebble.ts';
import type { ProxyProcess } from './proxy-process.ts';
import { quietPort } from './quiet-port.ts';
import { secureGetSoon, secureProxy } from './secure-proxy.ts';

/** A proxy that listens where pebble looks, and has its certificates of it. */
export interface PebbleProxy {
  readonly pebble: Pebble;
  readonly proxy: ProxyProcess;
}

/** @param env laid over the settings; the preflight is off, as issuers knock on ports 80 and 443. */
export async function pebbleProxy(
  t: TestContext,
  about: { readonly wish?: PebbleWish; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<PebbleProxy> {
  const { pebble, env } = await pebbleAndEnv(t, about.wish);
  return { pebble, proxy: await secureProxy(t, { ...env, ...about.env }) };
}

/** Pebble, and the settings of a proxy for it. */
export async function pebbleAndEnv(
  t: TestContext,
  wish: PebbleWish = {},
): Promise<{ readonly pebble: Pebble; readonly env: Readonly<Record<string, string>> }> {
  const [httpPort, tlsPort] = [await quietPort(), await quietPort()];
  const pebble = await startPebble(t, { httpPort, tlsPort, ...wish });
  const env = {
    FAIRLEAD_HTTP: `127.0.0.1:${httpPort}`,
    FAIRLEAD_HTTPS: `127.0.0.1:${tlsPort}`,
    FAIRLEAD_ACME_PREFLIGHT: 'off',
    ...issuerSettings(t, pebble),
  };
  return { pebble, env };
}

/** How often pebble was asked to check a name: once for each order with it. Other tests' containers are ordered for, too. */
export function checksOf(pebble: Pebble, name: string): number {
  const value = name.replace(/^\*\./, '');
  const check = `Pulled a task from the Tasks queue: &va.vaTask{Identifier:acme.Identifier{Type:"dns", Value:"${value}"}`;
  return pebble.log().split(check).length - 1;
}

/** A labelled container whose site says `site`. */
export async function aSite(t: TestContext, labels: Readonly<Record<string, string>>): Promise<HostBackend> {
  return hostBackend(t, testEngine(t), { labels, answer: (_, response) => response.end('site') });
}

/** A public name of this test's own. */
export const publicName = (t: TestContext, word = 'app'): string => `${word}.${testEngine(t).mark}.example.com`;

/** The site comes with a certificate that pebble has signed; gives its names. */
export async function served(proxy: ProxyProcess, pebble: Pebble, host: string): Promise<string> {
  const answer = await secureGetSoon(proxy.httpsPort, host, { ca: await pebble.rootPem() });
  assert.deepEqual([answer.status, answer.body], [200, 'site']);
  return answer.certificate.subjectaltname ?? '';
}
