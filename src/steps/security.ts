import type { SecurityHeader } from '../routing/table.ts';
import type { Step } from './step.ts';

/**
 * `proxy.security`: on every response of the route, whatever its status and whoever wrote it. The backend's own header of the
 * same name is replaced, since the label is the word of whoever answers for the whole site. A header that is not sent, by `off`
 * or because HSTS is not allowed, leaves the backend's alone.
 */
export function setSecurityHeaders(headers: readonly SecurityHeader[]): Step {
  return {
    name: 'security',
    response({ hstsAllowed }, head) {
      for (const { name, value, hsts } of headers) if (!hsts || hstsAllowed) head.headers.set(name, value);
    },
  };
}
