import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basicAuth } from '../../src/steps/basic-auth.ts';
import { stepContext } from './step-context.ts';

const policy = { kind: 'basic', users: ['alice:one', 'bob:two'], realm: '', headers: [], except: [] } as const;
const credentials = (user: string) => ['Authorization', `Basic ${Buffer.from(`${user}:secret`).toString('base64')}`];

test('who cannot be compared now is told to come back, and is not let in', () => {
  const step = basicAuth(policy, { check: () => 'busy' });
  const verdict = step.request?.(stepContext({ headers: credentials('alice') }));
  assert.deepEqual(verdict, { kind: 'failure', reason: 'auth-unavailable' });
});

test('for a name that is not there a hash is compared all the same, and does not count', async () => {
  const compared: string[] = [];
  const step = basicAuth(policy, {
    check: (user, password, hash) => {
      compared.push([user, password, hash].join(' '));
      return Promise.resolve('right');
    },
  });
  const verdict = await step.request?.(stepContext({ headers: credentials('mallory') }));
  assert.deepEqual(compared, ['mallory secret one']);
  assert.ok(verdict?.kind === 'failure' && verdict.reason === 'auth-required');
});

test('where nobody is listed nobody comes in', async () => {
  const { isPasswordOf } = await import('../../src/auth/password-hash.ts');
  const step = basicAuth(
    { ...policy, users: [] },
    { check: async (_user, password, hash) => ((await isPasswordOf(password, hash)) ? 'right' : 'wrong') },
  );
  const verdict = await step.request?.(stepContext({ headers: credentials('alice') }));
  assert.ok(verdict?.kind === 'failure' && verdict.reason === 'auth-required');
});
