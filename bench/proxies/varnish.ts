import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../scripts/free-port.ts';
import { Child } from '../child.ts';
import type { Contender, ContenderOptions } from './contender.ts';

const script = fileURLToPath(new URL('./varnish.sh', import.meta.url));

/**
 * Varnish with its answers in memory and one pool of threads. Its log is a ring in shared memory; a process beside it, which counts
 * as a part of it, writes that to a file.
 */
export async function startVarnish(
  name: string,
  { daemon, log }: { readonly daemon: string; readonly log: string | null },
  version: string,
  { core, dir, backendPort }: ContenderOptions,
): Promise<Contender> {
  const port = await freePort();
  const accessLog = join(dir, 'varnish.access.log');
  const config = join(dir, 'bench.vcl');
  const state = join(dir, 'state');
  mkdirSync(state, { mode: 0o755 });
  writeFileSync(config, configuration(backendPort));
  const args = [
    ...['-F', '-n', state, '-f', config, '-a', `127.0.0.1:${port}`, '-T', 'none'],
    ...['-s', 'malloc,256m', '-p', 'thread_pools=1', '-p', 'timeout_idle=60'],
  ];
  const child = new Child('varnish', '/bin/sh', [script, state, accessLog, log ?? '', daemon, ...args], { core, dir });
  return {
    name,
    version,
    port,
    pid: child.pid,
    accessLog,
    [Symbol.asyncDispose]: () => child.stop(),
  };
}

/** Without the cookie, which makes no difference to the other proxies' caches. */
function configuration(backendPort: number): string {
  return `vcl 4.1;
import std;
backend default { .host = "127.0.0.1"; .port = "${backendPort}"; }
sub vcl_recv {
  if (req.http.Host != "bench.test") { return (synth(404)); }
  unset req.http.Cookie;
}
sub vcl_backend_fetch {
  set bereq.http.X-Real-IP = client.ip;
  set bereq.http.X-Forwarded-Proto = "http";
  set bereq.http.X-Forwarded-Host = bereq.http.Host;
  set bereq.http.X-Forwarded-Port = std.port(server.ip);
  set bereq.http.X-Request-Id = bereq.xid;
}
sub vcl_deliver {
  if (obj.hits > 0) { set resp.http.X-Cache-Status = "HIT"; } else { set resp.http.X-Cache-Status = "MISS"; }
}
`;
}
