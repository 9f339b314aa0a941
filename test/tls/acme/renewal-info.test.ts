import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { certificateId } from '../../../src/tls/acme/certificate-id.ts';
import { type RenewalInfo, renewalInfo } from '../../../src/tls/acme/renewal-info.ts';
import { FakeAcme } from '../fake-acme/fake-acme.ts';
import type { FakeSettings } from '../fake-acme/fake-issuer.ts';
import { failureOf, OrderWorld, quickLimits } from './order-world.ts';

const nowMs = Date.parse('2026-03-01T00:00:00Z');
const clock = { ...systemClock, now: () => nowMs };
const renewalWindow = { start: '2026-04-01T00:00:00Z', end: '2026-04-03T12:00:00+02:00' };

/** Orders a certificate and asks when to renew it. */
async function asked(acme: FakeAcme): Promise<{ info: RenewalInfo | null; chainPem: string }> {
  const world = new OrderWorld(acme.at());
  const { chainPem } = await world.order(['a.example.com']);
  const about = { clock, signal: new AbortController().signal, limits: quickLimits };
  return { info: await renewalInfo(world.issuer, chainPem, about), chainPem };
}

test('the window of an issuer is asked for by the id of the certificate', async (t) => {
  const acme = await FakeAcme.start(t, { renewalWindow });
  const { info, chainPem } = await asked(acme);
  assert.deepEqual(info, {
    startMs: Date.parse('2026-04-01T00:00:00Z'),
    endMs: Date.parse('2026-04-03T10:00:00Z'),
    explanationUrl: null,
    askAgainMs: nowMs + 6 * 60 * 60_000,
  });
  assert.deepEqual(acme.issuer.renewalIds, [certificateId(chainPem)]);
});

test('an issuer without renewal information suggests nothing, and is not asked', async (t) => {
  const acme = await FakeAcme.start(t);
  assert.equal((await asked(acme)).info, null);
  assert.equal(acme.count('renewal-info'), 0);
});

test('Retry-After says when to ask again, within a minute and a day', async (t) => {
  const waits = [
    ['21600', 21_600_000],
    ['1', 60_000],
    ['31536000', 86_400_000],
    [new Date(nowMs + 7_200_000).toUTCString(), 7_200_000],
  ] as const;
  const acme = await FakeAcme.start(t, { renewalWindow });
  for (const [retryAfter, waitMs] of waits) {
    acme.issuer.settings = { renewalWindow, retryAfter } satisfies FakeSettings;
    assert.equal((await asked(acme)).info?.askAgainMs, nowMs + waitMs, retryAfter);
  }
});

test('an explanation of the issuer is handed on where it is a URL', async (t) => {
  const acme = await FakeAcme.start(t, { renewalWindow });
  for (const [told, explanationUrl] of [
    ['https://issuer.example/incident', 'https://issuer.example/incident'],
    ['javascript:alert(1)', null],
  ] as const) {
    acme.next('renewal-info', { kind: 'change', change: (json) => ({ ...json, explanationURL: told }) });
    assert.equal((await asked(acme)).info?.explanationUrl, explanationUrl);
  }
});

test('a window that ends before it begins, and one that is none, are failures', async (t) => {
  const acme = await FakeAcme.start(t, { renewalWindow });
  for (const suggestedWindow of [{ start: renewalWindow.end, end: renewalWindow.start }, { start: 'soon' }, 7, null]) {
    acme.next('renewal-info', { kind: 'change', change: () => ({ suggestedWindow }) });
    assert.match((await failureOf(asked(acme))).message, /a time for renewal was to come/);
  }
});

test('a refusal is a failure with the time to come again', async (t) => {
  const acme = await FakeAcme.start(t, { renewalWindow });
  acme.next('renewal-info', {
    kind: 'problem',
    type: 'rateLimited',
    status: 429,
    detail: 'slow down',
    retryAfter: '60',
  });
  const failure = await failureOf(asked(acme));
  assert.equal(failure.problem.type, 'urn:ietf:params:acme:error:rateLimited');
  assert.equal(failure.retryAfterMs, nowMs + 60_000);
  assert.equal(acme.count('renewal-info'), 1);
});
