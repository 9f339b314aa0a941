import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portHint } from '../../src/admin/port-hint.ts';
import { container } from '../routing/builders.ts';

const refused = 'connect refused on 172.17.0.2:3000 (12 times, last 0.4 s ago)';
const hint = (reason: string, exposedPorts: readonly number[] = [8080], about: Parameters<typeof container>[0] = {}) =>
  portHint(reason, container({ exposedPorts, ...about }));

test('where nobody listens on a port the ports of the image are named, and that it may listen on 127.0.0.1', () => {
  assert.equal(hint(refused), '; the image exposes 8080; or does it listen on 127.0.0.1 alone?');
  assert.equal(
    hint(refused, [80, 443, 8080]),
    '; the image exposes 80, 443, 8080; or does it listen on 127.0.0.1 alone?',
  );
  assert.match(hint('172.17.0.2:3000: no answer within 5 s (3 times, last 1.0 s ago)'), /^; the image exposes 8080/);
  assert.match(hint('connect refused on [fd00::2]:3000 (1.0 s ago)'), /^; the image exposes 8080/);
});

test('of a port that the image exposes, or the host publishes, only that it may listen on 127.0.0.1', () => {
  const loopback = '; does it listen on 127.0.0.1 alone?';
  assert.equal(hint(refused, [3000, 8080]), loopback);
  assert.equal(hint(refused, []), loopback);
  const publishedPorts = [{ containerPort: 8080, hostIp: '', hostPort: 3000 }];
  assert.equal(hint(refused, [8080], { publishedPorts }), loopback);
});

test('one that is dialled on the loopback of the host is not suspected of listening there', () => {
  assert.equal(hint('connect refused on 127.0.0.1:3000 (1.0 s ago)'), '; the image exposes 8080');
  assert.equal(hint('connect refused on [::1]:3000 (1.0 s ago)', []), '');
});

test('of very many ports five are named', () => {
  const ports = Array.from({ length: 1_000 }, (_, i) => 5_000 + i);
  assert.match(hint(refused, ports), /^; the image exposes 5000, 5001, 5002, 5003, 5004 and 995 more; or /);
});

test('another reason has no hint', () => {
  for (const reason of ['', 'GET /up on 172.17.0.2:3000 was answered with 500 (1.0 s ago)', 'exited with code 3'])
    assert.equal(hint(reason), '');
  assert.equal(hint('GET /up on 172.17.0.2:3000: no answer within 5 s (1.0 s ago)'), '');
});
