import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/free-port.ts';
import { Child } from '../child.ts';
import type { Identity } from '../identity.ts';
import { suites12 } from '../tls-terms.ts';
import { type Contender, type ContenderOptions, keptConnections } from './contender.ts';

/** nginx as a careful administrator would set it up: kept connections, a buffered log. */
export async function startNginx(program: string, version: string, options: ContenderOptions): Promise<Contender> {
  const { core, dir, backendPort, identity, workers = 1, cache = false } = options;
  const port = await freePort();
  const accessLog = join(dir, 'nginx.access.log');
  const config = join(dir, 'nginx.conf');
  writeFileSync(config, configuration({ port, backendPort, accessLog, dir, workers, identity, cache }));
  const child = new Child('nginx', program, ['-e', 'stderr', '-p', dir, '-c', config], { core, dir });
  return {
    name: 'nginx',
    version,
    port,
    pid: child.pid,
    accessLog,
    [Symbol.asyncDispose]: () => child.stop(),
  };
}

function configuration(
  place: Required<Pick<ContenderOptions, 'backendPort' | 'dir' | 'workers' | 'cache'>> &
    Pick<ContenderOptions, 'identity'> & { port: number; accessLog: string },
): string {
  const { port, backendPort, accessLog, dir, workers, identity, cache } = place;
  const secure = identity === undefined ? '' : ' ssl http2';
  const forwarded = `
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header X-Request-Id $request_id;`;
  return `
daemon off;
worker_processes ${workers};
${process.getuid?.() === 0 ? 'user nobody nogroup;' : ''}
pid ${dir}/nginx.pid;
error_log stderr error;
events { worker_connections ${cache ? 24576 : 8192}; }
http {
  access_log ${accessLog} combined buffer=64k flush=1s;
  client_body_temp_path ${dir}/nginx-body;
  proxy_temp_path ${dir}/nginx-proxy;
  fastcgi_temp_path ${dir}/nginx-fastcgi;
  uwsgi_temp_path ${dir}/nginx-uwsgi;
  scgi_temp_path ${dir}/nginx-scgi;
  keepalive_requests 1000000000;
  # A body must not be written to a file when the client is slow: the others do not do that either.
  proxy_max_temp_file_size 0;
  client_max_body_size 0;
  ${cache ? cacheSettings(dir) : buffers}
  ${identity === undefined ? '' : tlsSettings(identity)}
  upstream backend {
    server 127.0.0.1:${backendPort};
    keepalive ${keptConnections};
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port}${secure} default_server backlog=1024;
    return 444;
  }
  server {
    listen 127.0.0.1:${port}${secure};
    server_name bench.test;
    location / {
      proxy_pass http://backend;
      proxy_set_header Connection "";${forwarded}
      ${cache ? cached : ''}
    }
    location /sock/ {
      proxy_pass http://backend;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;${forwarded}
    }
  }
}
`;
}

/** Its default of 4 KiB each costs it twice the CPU with large bodies. */
const buffers = `proxy_buffers 8 64k;
  proxy_buffer_size 64k;
  proxy_busy_buffers_size 128k;`;

/**
 * Sent from the kernel's own memory, by files that stay open. The large buffers would be filled from the file for every hit.
 * `tcp_nopush` stays off, as it is by default: on loopback it holds the end of a 64 KiB answer back for 40 ms.
 */
function cacheSettings(dir: string): string {
  return `proxy_cache_path ${dir}/cache levels=1:2 keys_zone=bench:16m max_size=1g inactive=60m use_temp_path=off;
  sendfile on;
  open_file_cache max=10000 inactive=60s;`;
}

/** One fetch for all who ask for the same. */
const cached = `proxy_cache bench;
      proxy_cache_lock on;
      proxy_cache_lock_timeout 60s;
      proxy_cache_lock_age 60s;
      add_header X-Cache-Status $upstream_cache_status;`;

/** Resumption is by tickets, which are on by default; a cache of sessions beside them would only cost. */
function tlsSettings({ certFile, keyFile }: Identity): string {
  return `ssl_certificate ${certFile};
  ssl_certificate_key ${keyFile};
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_ciphers ${suites12};
  ssl_prefer_server_ciphers off;`;
}
