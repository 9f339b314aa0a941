import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createLog } from '../../../src/base/log.ts';
import { dnsRecords } from '../../../src/tls/dns/dns-records.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { failureOf } from './failure-of.ts';
import { fakeApi } from './fake-api.ts';
import { fakeResolver } from './fake-resolver.ts';

const { signal } = new AbortController();

/** Through Cloudflare, of which only the changes are kept: `+owner value` and `-id`. */
async function world(t: Parameters<typeof fakeApi>[0], lines: readonly string[], { failDelete = false } = {}) {
  const changes: string[] = [];
  const api = await fakeApi(t, ({ method, target, body }) => {
    const { name, content } = (body ?? {}) as Record<string, string>;
    if (method === 'POST') changes.push(`+${name} ${content}`);
    if (method === 'DELETE') changes.push(`-${target.split('/').at(-1)}`);
    if (method === 'DELETE' && failDelete) return { success: false, errors: [{ code: 1, message: 'not now' }] };
    return { success: true, errors: [], result: { id: 'id1' } };
  });
  const clock = new FakeClock();
  /** Servers of the zone. */
  const asked: string[] = [];
  const said: Record<string, unknown>[] = [];
  const records = dnsRecords(
    { kind: 'cloudflare', token: 'aTokenOfCloudflare-1234567890' },
    {
      ...{ clock, random: () => 0, env: {}, cloudflareUrl: api.url },
      resolverAt: (address) => {
        if (address !== null) asked.push(address);
        return fakeResolver(lines);
      },
      log: createLog({ level: 'info', format: 'json', write: (line) => said.push(JSON.parse(line)) }),
    },
  );
  return { records, changes, clock, said, asked };
}

test('a name in capitals is one name, and CNAMEs are followed to where the record goes', async (t) => {
  const { records, changes } = await world(t, [
    '_acme-challenge.app.example.test CNAME app.one.test',
    'app.one.test CNAME app.two.test.',
  ]);
  const held = await records.add('App.Example.test', 'v', signal);
  await held.remove();
  assert.deepEqual(changes, ['+app.two.test v', '-id1']);
});

test('CNAMEs that run in a circle are a failure, and nothing is set', async (t) => {
  const { records, changes } = await world(t, [
    '_acme-challenge.app.example.test CNAME other.test',
    'other.test CNAME _acme-challenge.app.example.test',
  ]);
  const failure = await failureOf(records.add('app.example.test', 'v', signal));
  assert.match(
    failure.message,
    /^_acme-challenge\.app\.example\.test is a CNAME that leads through more than 8 others/,
  );
  assert.deepEqual(changes, []);
});

for (const failDelete of [false, true]) {
  test(`an abort while the zone's servers are awaited takes the record back${failDelete ? ', or says that it could not' : ''}`, async (t) => {
    const zone = ['example.test NS ns1.example.test', 'ns1.example.test A 192.0.2.1'];
    const { records, changes, clock, said, asked } = await world(t, zone, { failDelete });
    const abort = new AbortController();
    const adding = records.add('app.example.test', 'v', abort.signal);
    while (asked.length === 0 || clock.pending === 0) await turn();
    abort.abort(new Error('shutting down'));
    await assert.rejects(adding, /^Error: shutting down$/);
    assert.deepEqual(changes, ['+_acme-challenge.app.example.test v', '-id1']);
    assert.equal(said.length, failDelete ? 1 : 0);
  });
}
