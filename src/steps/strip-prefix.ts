import { stripPrefix as withoutPrefix } from '../http/target.ts';
import type { Step } from './step.ts';

/** `proxy.strip`: the backend sees the path without the matched prefix, and learns of it by X-Forwarded-Prefix. */
export function stripPrefix(prefix: string): Step {
  return {
    name: 'strip',
    request({ request }) {
      const target = withoutPrefix(request.target, prefix);
      if (target === request.target) return;
      request.target = target;
      request.headers.set('X-Forwarded-Prefix', prefix);
    },
  };
}
