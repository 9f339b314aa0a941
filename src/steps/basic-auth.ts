import { readBasicCredentials } from '../auth/basic-credentials.ts';
import type { PasswordDesk, PasswordVerdict } from '../auth/password-desk.ts';
import { UserList } from '../auth/user-list.ts';
import type { AuthPolicy } from '../routing/guards.ts';
import { exceptedPaths } from './excepted-paths.ts';
import type { Step, StepContext } from './step.ts';
import type { StepAnswer } from './step-answer.ts';

const busy: StepAnswer = { kind: 'failure', reason: 'auth-unavailable' };

/**
 * `proxy.auth=basic`. The password is for the proxy and goes no further; a backend that asks for its own in the same header needs
 * `proxy.auth.headers=Authorization`. Other names there are headers that tell the backend who it is, and that nobody else can send.
 */
export function basicAuth(policy: AuthPolicy & { readonly kind: 'basic' }, desk: Pick<PasswordDesk, 'check'>): Step {
  const users = new UserList(policy.users);
  const isExcepted = exceptedPaths(policy.except);
  const tellers = policy.headers.filter((name) => name.toLowerCase() !== 'authorization');
  const passesOn = tellers.length < policy.headers.length;

  const decide = (context: StepContext, user: string, verdict: PasswordVerdict): StepAnswer | undefined => {
    switch (verdict) {
      case 'right': {
        context.user = user;
        const { headers } = context.request;
        if (!passesOn) headers.delete('authorization');
        // A field is bytes, and a name is UTF-8.
        for (const name of tellers) headers.set(name, Buffer.from(user).toString('latin1'));
        return undefined;
      }
      case 'wrong':
        return challenge(policy.realm || context.host);
      case 'busy':
        return busy;
      default:
        return verdict satisfies never;
    }
  };
  return {
    name: 'auth',
    request(context) {
      const { headers } = context.request;
      for (const name of tellers) headers.delete(name);
      if (isExcepted(context.path)) return undefined;
      const credentials = readBasicCredentials(headers.only('authorization'));
      if (credentials === null) return challenge(policy.realm || context.host);
      const { user, password } = credentials;
      const { hash, isKnown } = users.hashOf(user);
      const judge = (found: PasswordVerdict) => decide(context, user, found === 'right' && !isKnown ? 'wrong' : found);
      const verdict = desk.check(user, password, hash);
      return verdict instanceof Promise ? verdict.then(judge) : judge(verdict);
    },
  };
}

function challenge(realm: string): StepAnswer {
  const quoted = realm.replace(/["\\]/g, '\\$&');
  const fields = { 'WWW-Authenticate': `Basic realm="${quoted}", charset="UTF-8"` };
  return { kind: 'failure', reason: 'auth-required', fields };
}
