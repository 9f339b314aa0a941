import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertificateIndex } from '../../src/admin/certificate-index.ts';
import type { CertificateState, CertificateView } from '../../src/tls/certificate-view.ts';

const ends = '2027-02-01T00:00:00.000Z';

function view(names: string, state: CertificateState, notAfter: string | null): CertificateView {
  return {
    ...{ names: names.split(' '), mode: 'acme', state, why: '', issuer: null, notBefore: null, notAfter },
    ...{ nextAttempt: null, failures: 0, problem: null, routes: [] },
  };
}

for (const [what, order] of [
  ['first', (views: CertificateView[]) => views],
  ['last', (views: CertificateView[]) => views.reverse()],
] as const)
  test(`of a name counts what a client is shown, also when it is told ${what}`, () => {
    const index = new CertificateIndex(
      order([view('a.test', 'valid', ends), view('a.test b.test', 'ordering', null), view('b.test', 'unused', ends)]),
    );
    assert.deepEqual([index.ofHost('a.test')?.state, index.ofHost('b.test')?.state], ['valid', 'ordering']);
  });

test('of several that are shown the one counts that needs help most', () => {
  const index = new CertificateIndex([view('a.test', 'expired', ends), view('a.test', 'valid', ends)]);
  assert.equal(index.ofHost('a.test')?.state, 'expired');
});
