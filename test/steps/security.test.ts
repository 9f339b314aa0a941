import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlatHeaderList } from '../../src/http/header-list.ts';
import { readLabels } from '../../src/labels/read-labels.ts';
import { routePolicy } from '../../src/routing/policy.ts';
import { compileSteps } from '../../src/steps/compile.ts';
import { container } from '../routing/builders.ts';
import { stepContext } from './step-context.ts';
import { stepWorld } from './step-world.ts';

/** The headers of a response that a backend answered with `headers`, after the steps of a route with these labels. */
function answered(
  labels: Readonly<Record<string, string>>,
  about: { headers?: string[]; hstsAllowed?: boolean } = {},
): Record<string, string> {
  const { specs } = readLabels(container({ labels: { 'proxy.host': 'app.example.com', ...labels } }));
  const [spec] = specs;
  assert.ok(spec !== undefined);
  const head = { status: 404, reason: '', headers: new FlatHeaderList(about.headers ?? []), bodyLength: 0 };
  const context = stepContext({ hstsAllowed: about.hstsAllowed ?? false });
  const policy = routePolicy(spec.options, { kind: 'prefix', text: '/', prefix: '' });
  for (const step of compileSteps(policy, stepWorld()).response) step.response(context, head);
  const flat = head.headers.flat();
  const names = flat.filter((_, at) => at % 2 === 0);
  assert.equal(new Set(names.map((name) => name.toLowerCase())).size, names.length, 'each header once');
  return Object.fromEntries(names.map((name, at) => [name, flat[at * 2 + 1] as string]));
}

const five = {
  'X-Frame-Options': 'SAMEORIGIN',
  'X-Content-Type-Options': 'nosniff',
  'X-XSS-Protection': '1; mode=block',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
};

test('without the label no header is added', () => {
  assert.deepEqual(answered({ 'proxy.header.X-A': '1' }, { hstsAllowed: true }), { 'X-A': '1' });
});

test('the headers are set, and HSTS only where browsers may be told to insist', () => {
  assert.deepEqual(answered({ 'proxy.security': 'true' }), five);
  assert.deepEqual(answered({ 'proxy.security': 'true' }, { hstsAllowed: true }), {
    ...five,
    'Strict-Transport-Security': 'max-age=31536000',
  });
});

test('each has a sub-option: another value, or off', () => {
  const labels = {
    'proxy.security': 'true frame=DENY xss=0',
    'proxy.security.nosniff': 'off',
    'proxy.security.referrer': 'no-referrer',
    'proxy.security.permissions': 'off',
    'proxy.security.hsts': 'max-age=60; includeSubDomains',
    'proxy.security.csp': "default-src 'self'",
  };
  assert.deepEqual(answered(labels, { hstsAllowed: true }), {
    'X-Frame-Options': 'DENY',
    'X-XSS-Protection': '0',
    'Referrer-Policy': 'no-referrer',
    'Content-Security-Policy': "default-src 'self'",
    'Strict-Transport-Security': 'max-age=60; includeSubDomains',
  });
});

test("the backend's own header of the same name is replaced, and left alone where ours is not sent", () => {
  const headers = ['x-frame-options', 'ALLOWALL', 'X-Frame-Options', 'DENY', 'strict-transport-security', 'max-age=1'];
  const set = answered({ 'proxy.security': 'true' }, { headers: [...headers] });
  assert.equal(set['X-Frame-Options'], 'SAMEORIGIN');
  assert.equal(set['strict-transport-security'], 'max-age=1');
  const off = answered({ 'proxy.security': 'true hsts=off' }, { headers: headers.slice(4), hstsAllowed: true });
  assert.equal(off['strict-transport-security'], 'max-age=1');
  assert.equal(off['Strict-Transport-Security'], undefined);
});

test('what a label says of one header by name beats what it says of six', () => {
  const labels = {
    'proxy.security': 'true',
    'proxy.header.X-Frame-Options': '',
    'proxy.header.Referrer-Policy': 'origin',
  };
  const set = answered(labels);
  assert.equal(set['X-Frame-Options'], undefined);
  assert.equal(set['Referrer-Policy'], 'origin');
});
