import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RenewAnswer, RenewRequest } from '../../src/tls/renew-answer.ts';
import { adminOver, certificate, labelledContainer } from '../admin/admin-world.ts';
import { fairlead } from './terminal.ts';

type Test = Parameters<typeof adminOver>[0];

/** Runs `fairlead certs renew` against a proxy that answers so. */
async function renewed(t: Test, answer: RenewAnswer, args: readonly string[] = []) {
  const requests: RenewRequest[] = [];
  const renew = async (request: RenewRequest) => {
    requests.push(request);
    return answer;
  };
  const containers = [labelledContainer({ 'proxy.host': 'app.example.com' })];
  const { dataDir } = await adminOver(t, { containers, certificates: [certificate()], renew });
  return { ...(await fairlead(['certs', 'renew', ...args, '--data', dataDir])), requests };
}

const names = ['app.example.com'];
const begun: RenewAnswer = { kind: 'begun', begun: [{ names, issuer: 'default' }], held: [] };
const problem = {
  ...{ at: '2026-11-20T10:00:00.000Z', issuer: 'default', type: '', status: null, detail: 'connect ECONNREFUSED' },
  ...{ subproblems: [], cause: 'the issuer cannot be reached', remedy: 'let the proxy out', retryAfter: null },
};

test('certificates are those of the running proxy, as a table or as JSON', async (t) => {
  const { dataDir } = await adminOver(t, { certificates: [certificate()] });
  const { code, out } = await fairlead(['certs', '--data', dataDir]);
  assert.equal(code, 0);
  assert.match(out, /^NAMES +STATE .*\napp\.example\.com +valid +R11 /);
  const json = await fairlead(['certs', '--json'], { FAIRLEAD_DATA: dataDir });
  assert.deepEqual(JSON.parse(json.out), { certificates: [certificate()] });
});

test('an order that is begun is 0, with a host or without, wherever the options stand', async (t) => {
  const one = await renewed(t, begun, ['app.example.com']);
  assert.deepEqual([one.code, one.requests], [0, [{ host: 'app.example.com', dry: false }]]);
  assert.match(one.out, /^ordering app\.example\.com from default/);
  const all = await renewed(t, begun, ['--json']);
  assert.deepEqual(all.requests, [{ host: null, dry: false }]);
  assert.deepEqual(JSON.parse(all.out), { begun: [{ names, issuer: 'default' }], held: [] });
  const { dataDir } = await adminOver(t, { renew: async () => begun });
  assert.equal((await fairlead(['certs', '--data', dataDir, 'renew'])).code, 0);
});

test('a dry run is 0 where it went well and 1 where it did not, with the problem in full', async (t) => {
  const good = await renewed(t, { kind: 'tried', tried: [{ names, issuer: 'default', problem: null }] }, ['--dry']);
  assert.deepEqual([good.code, good.requests], [0, [{ host: null, dry: true }]]);
  assert.equal(good.out, '✓ app.example.com by default: ok\n');
  const bad = await renewed(t, { kind: 'tried', tried: [{ names, issuer: 'default', problem }] }, ['--dry']);
  assert.equal(bad.code, 1);
  for (const said of [problem.cause, problem.remedy, problem.detail]) assert.ok(bad.out.includes(said), said);
});

test('what cannot be ordered is 2, and says why', async (t) => {
  const unknown = await renewed(t, { kind: 'no-certificate' }, ['ap.example.com']);
  assert.equal(unknown.code, 2);
  assert.equal(unknown.err, 'fairlead: no certificate is for ap.example.com; near it are\n  app.example.com\n');
  const nothing = await renewed(t, { kind: 'nothing-to-order', why: 'it is signed by the internal CA' });
  assert.deepEqual([nothing.code, nothing.err], [2, 'fairlead: it is signed by the internal CA\n']);
  const held = [{ names, why: 'five orders in seven days', notBefore: '2026-11-27T10:00:00.000Z' }];
  const late = await renewed(t, { kind: 'begun', begun: [], held });
  assert.equal(late.code, 2);
  assert.match(late.err, /^not ordered: app\.example\.com, not before 2026-11-27 10:00 UTC: five orders/);
});

test('the root of the internal CA is printed as it is, or it is said that there is none', async (t) => {
  const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  const { dataDir } = await adminOver(t, { internalRoot: pem });
  assert.deepEqual(await fairlead(['certs', 'root', '--data', dataDir]), { code: 0, out: pem, err: '' });
  const without = await adminOver(t, {});
  const { code, err } = await fairlead(['certs', 'root', '--data', without.dataDir]);
  assert.equal(code, 2);
  assert.match(err, /there is no internal CA yet/);
});
