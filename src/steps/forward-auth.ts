import { AuthServer } from '../auth/auth-server.ts';
import type { UpstreamTransport } from '../http/transport.ts';
import type { AuthPolicy } from '../routing/guards.ts';
import { exceptedPaths } from './excepted-paths.ts';
import type { Step } from './step.ts';
import type { StepAnswer } from './step-answer.ts';

const unavailable: StepAnswer = { kind: 'failure', reason: 'auth-unavailable' };

/**
 * `proxy.auth=forward:<url>`: another server is asked about each request. What it says with 2xx in the headers of
 * `proxy.auth.headers` goes on to the backend, in place of whatever the client has sent there; any other answer is the client's.
 * Where it does not answer, nobody comes in.
 */
export function forwardAuth(
  policy: AuthPolicy & { readonly kind: 'forward' },
  upstream: Pick<UpstreamTransport, 'send'>,
): Step {
  const server = new AuthServer(policy.url, upstream);
  const isExcepted = exceptedPaths(policy.except);
  return {
    name: 'auth',
    request({ request, path, gone }) {
      const { headers } = request;
      for (const name of policy.headers) headers.delete(name);
      if (isExcepted(path)) return undefined;
      return server.ask(request, gone).then((answer) => {
        if (answer === null) return unavailable;
        const { head } = answer;
        if (head.status < 200 || head.status > 299) return { kind: 'answer', ...answer, reason: 'auth-required' };
        for (const name of policy.headers) for (const value of head.headers.all(name)) headers.append(name, value);
        return undefined;
      });
    },
  };
}
