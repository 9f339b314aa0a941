import type { Engine } from '../../http/transport.ts';
import { defaultEngineOptions, type EngineOptions } from '../options.ts';
import { BackendSessions } from './backend-sessions.ts';
import { Deadlines } from './deadlines.ts';
import { H1Listener } from './listener.ts';
import { H1TunnelOpener } from './tunnel.ts';
import { H1Upstream } from './upstream.ts';

/** HTTP/1.1 by our own codec over plain sockets, and the tunnels. */
export function createH1Engine(options: Partial<EngineOptions> = {}): Engine {
  const all = { ...defaultEngineOptions, ...options };
  const deadlines = new Deadlines();
  const sessions = new BackendSessions();
  return {
    listen: (listenOptions) => H1Listener.listen(listenOptions, all, deadlines),
    upstream: new H1Upstream(all, deadlines, sessions),
    tunnel: new H1TunnelOpener(all, deadlines, sessions),
  };
}
