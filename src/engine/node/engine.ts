import type { Engine } from '../../http/transport.ts';
import { defaultEngineOptions, type EngineOptions } from '../options.ts';
import { NodeListener } from './listener.ts';
import { NodeTunnelOpener } from './tunnel.ts';
import { NodeUpstream } from './upstream.ts';

/** The reference engine: HTTP/1.1 by node:http on both sides, and the tunnels. */
export function createNodeEngine(options: Partial<EngineOptions> = {}): Engine {
  const all = { ...defaultEngineOptions, ...options };
  return {
    listen: (listenOptions) => NodeListener.listen(listenOptions, all),
    upstream: new NodeUpstream(all),
    tunnel: new NodeTunnelOpener(all),
  };
}
