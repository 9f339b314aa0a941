import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/free-port.ts';
import { Child } from '../child.ts';
import type { Identity } from '../identity.ts';
import { suites12 } from '../tls-terms.ts';
import { type Contender, type ContenderOptions, keptConnections } from './contender.ts';

/** HAProxy with one thread. It writes each log line by itself: a buffer for a file is not among its means. */
export async function startHaproxy(program: string, version: string, options: ContenderOptions): Promise<Contender> {
  const { core, dir, backendPort, identity } = options;
  const port = await freePort();
  const accessLog = join(dir, 'haproxy.access.log');
  const config = join(dir, 'haproxy.cfg');
  writeFileSync(
    config,
    configuration({ port, backendPort, secure: identity === undefined ? '' : tlsSettings(identity, dir) }),
  );
  const child = new Child('haproxy', program, ['-db', '-f', config], { core, dir, stdoutFile: accessLog });
  return {
    name: 'haproxy',
    version,
    port,
    pid: child.pid,
    accessLog,
    [Symbol.asyncDispose]: () => child.stop(),
  };
}

function configuration(place: { port: number; backendPort: number; secure: string }): string {
  const { port, backendPort, secure } = place;
  return `
global
  nbthread 1
  maxconn 8192
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  option http-keep-alive
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
frontend in
  bind 127.0.0.1:${port} backlog 1024${secure}
  http-request set-header X-Real-IP %[src]
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header X-Request-Id %[uuid()]
  use_backend app if { req.hdr(host) -i bench.test }
backend app
  server backend 127.0.0.1:${backendPort} pool-max-conn ${keptConnections} pool-purge-delay 600s
`;
}

/** It wants certificate and key in one file. */
function tlsSettings({ certFile, keyFile }: Identity, dir: string): string {
  const file = join(dir, 'bench.pem');
  writeFileSync(file, readFileSync(certFile, 'utf8') + readFileSync(keyFile, 'utf8'), { mode: 0o600 });
  return ` ssl crt ${file} alpn h2,http/1.1 ssl-min-ver TLSv1.2 ciphers ${suites12}`;
}
