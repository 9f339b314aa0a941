import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acmeDns } from '../../../src/tls/dns/acme-dns.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { failureOf } from './failure-of.ts';
import { fakeApi } from './fake-api.ts';

const account = {
  kind: 'acmedns',
  username: 'c36f50e8-4632-44f0-83fe-e070fef28a10',
  password: 'thePasswordOfTheAccount',
  subdomain: '8e5700ea-a4bf-41c7-8a77-e990661dcc6a',
  fullDomain: '8e5700ea-a4bf-41c7-8a77-e990661dcc6a.auth.test',
} as const;
const { signal } = new AbortController();
const record = { name: 'app.example.test', owner: account.fullDomain, isCertain: true };
const clock = new FakeClock();

test('a value is set with the account, and nothing is done to take it away', async (t) => {
  const api = await fakeApi(t, () => ({ txt: 'aValue' }));
  const provider = acmeDns({ ...account, url: `${api.url}/` }, { clock });
  const remove = await provider.present(record, 'aValue', signal);
  await remove();
  assert.equal(api.requests.length, 1);
  const [request] = api.requests;
  assert.equal(`${request?.method} ${request?.target}`, 'POST /update');
  assert.equal(request?.headers['x-api-user'], account.username);
  assert.equal(request?.headers['x-api-key'], account.password);
  assert.deepEqual(request?.body, { subdomain: account.subdomain, txt: 'aValue' });
});

for (const [what, about, words] of [
  ['no CNAME', { owner: '_acme-challenge.app.example.test' }, /is no CNAME for the account/],
  [
    'a CNAME for something else',
    { owner: 'other.auth.test' },
    /is a CNAME for other\.auth\.test, which is not the account/,
  ],
  [
    'unknown',
    { owner: '_acme-challenge.app.example.test', isCertain: false },
    /DNS does not answer for _acme-challenge/,
  ],
] as const) {
  test(`where the record of the name is ${what}, the failure says which to set, and nothing is sent`, async (t) => {
    const api = await fakeApi(t, () => ({}));
    const failure = await failureOf(
      acmeDns({ ...account, url: api.url }, { clock }).present({ ...record, ...about }, 'v', signal),
    );
    assert.match(failure.message, words);
    assert.match(
      failure.message,
      /set: _acme-challenge\.app\.example\.test\. CNAME 8e5700ea-a4bf-41c7-8a77-e990661dcc6a\.auth\.test\.$/,
    );
    assert.equal(api.requests.length, 0);
  });
}

for (const [status, error, words] of [
  [401, 'forbidden', /refuses the account \(401 forbidden\): check user name and password, and that its allowfrom/],
  [400, 'bad_subdomain', /refuses the update \(400 bad_subdomain\): check the subdomain/],
  [500, `db_error ${account.password}`, /did not set the value \(500 db_error …\)/],
] as const) {
  test(`${status} of acme-dns is explained, without the password`, async (t) => {
    const api = await fakeApi(t, (_, response) => {
      response.statusCode = status;
      return { error };
    });
    const failure = await failureOf(acmeDns({ ...account, url: api.url }, { clock }).present(record, 'v', signal));
    assert.match(failure.message, words);
    assert.ok(!failure.message.includes(account.password));
  });
}
