import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '../../src/docker/container.ts';
import type { Options } from '../../src/labels/options.ts';
import { backendCheck } from '../../src/routing/backend-check.ts';
import { container, spec } from './builders.ts';

const pace = { intervalMs: 10_000, timeoutMs: 5_000, rise: 1, fall: 3 };
const statuses = [{ from: 200, to: 399 }];

function checkOf(options: Partial<Options>, about: Partial<Container> = {}, host = 'app.example.com') {
  return backendCheck(container(about), spec({ host, options }).options, (port) => port + 1);
}

test('a container without HEALTHCHECK is checked by a connection', () => {
  assert.deepEqual(checkOf({}), { kind: 'tcp', ...pace });
});

test('where Docker checks, or nobody is to, the data plane does not', () => {
  assert.equal(checkOf({}, { health: 'healthy' }), null);
  assert.equal(checkOf({ health: { kind: 'docker' } }), null);
  assert.equal(checkOf({ health: { kind: 'off' } }), null);
});

test('tcp in the label wins over the HEALTHCHECK of the image', () => {
  assert.equal(checkOf({ health: { kind: 'tcp' } }, { health: 'starting' })?.kind, 'tcp');
});

test('a path is asked for under the first name of the route, on its port or on another', () => {
  const health = { kind: 'http', port: null, path: '/up' } as const;
  const check = checkOf({ health, 'health.fall': 5 }, {}, '*.example.com, app.example.com');
  assert.deepEqual(check, { kind: 'http', port: 0, path: '/up', host: 'app.example.com', statuses, ...pace, fall: 5 });
  const elsewhere = checkOf({ health: { ...health, port: 9000 } });
  assert.equal(elsewhere?.kind === 'http' && elsewhere.port, 9001);
});

test('a route without a single name has its address for Host', () => {
  const check = checkOf({ health: { kind: 'http', port: null, path: '/up' } }, {}, '*.example.com');
  assert.equal(check?.kind === 'http' && check.host, '');
});
