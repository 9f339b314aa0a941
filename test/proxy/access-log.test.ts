import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AccessLog } from '../../src/proxy/access-log.ts';
import type { Journey } from '../../src/proxy/journey.ts';

function line(about: Record<string, unknown>): string {
  const lines: string[] = [];
  const journey = {
    exchange: { request: { version: '1.1' } },
    requester: { logged: '"client":"203.0.113.9"' },
    requestId: 'id',
    method: 'GET',
    target: '/',
    live: null,
    peer: null,
    status: 200,
    startedMs: 0,
    responseBytes: 0,
    upstreamMs: null,
    waitMs: 0,
    tries: 0,
    cache: null,
    reason: null,
    ...about,
  } as unknown as Journey;
  new AccessLog(
    (text) => lines.push(text),
    () => 1_800_000_000_007,
  ).write(journey, 1.23456);
  return lines.join('');
}

test('whatever a client sends, its line is one line of JSON that says it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (userAgent, target) => {
      const text = line({ userAgent, target });
      assert.match(text, /^[ -~]*\n$/);
      const read = JSON.parse(text) as Record<string, unknown>;
      assert.equal(read.userAgent, userAgent);
      assert.equal(read.target, target);
      assert.equal(read.time, '2027-01-15T08:00:00.007Z');
      assert.equal(read.totalMs, 1.235);
    }),
  );
});

test('a route can keep its requests out of the log, all or those that went well', () => {
  const of = (accessLog: unknown, status: number): string =>
    line({ status, live: { route: { id: 'a/', policy: { accessLog } } } });
  assert.equal(of('off', 500), '');
  assert.equal(of('errors', 200), '');
  assert.match(of('errors', 502), /"status":502/);
  assert.equal(of(0, 200), '');
  assert.match(of(1, 200), /"route":"a\/"/);
});
