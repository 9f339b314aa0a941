import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/free-port.ts';
import { Child } from '../child.ts';

export interface NginxHosts extends AsyncDisposable {
  readonly port: number;
  /** Of the master, whose child is the one worker. */
  readonly pid: number;
}

/** nginx with one worker and a server block for each host: only what it takes to hold them. */
export async function startNginxHosts(
  program: string,
  options: {
    readonly dir: string;
    readonly backendPort: number;
    /** With a certificate the port speaks HTTPS. */
    readonly hosts: readonly { readonly host: string; readonly certFile?: string; readonly keyFile?: string }[];
  },
): Promise<NginxHosts> {
  const { dir, backendPort, hosts } = options;
  const port = await freePort();
  const config = join(dir, 'nginx.conf');
  const servers = hosts.map(({ host, certFile, keyFile }) => {
    const secure = certFile === undefined ? '' : `ssl_certificate ${certFile}; ssl_certificate_key ${keyFile};`;
    const listen = `listen 127.0.0.1:${port}${certFile === undefined ? '' : ' ssl http2'};`;
    return `server { ${listen} server_name ${host}; ${secure} location / { proxy_pass http://backend; } }`;
  });
  writeFileSync(config, configuration({ dir, backendPort, servers }));
  const child = new Child('nginx', program, ['-e', 'stderr', '-p', dir, '-c', config], { dir });
  return { port, pid: child.pid, [Symbol.asyncDispose]: () => child.stop() };
}

function configuration(place: { dir: string; backendPort: number; servers: readonly string[] }): string {
  const { dir, backendPort, servers } = place;
  return `
daemon off;
worker_processes 1;
${process.getuid?.() === 0 ? 'user nobody nogroup;' : ''}
pid ${dir}/nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${dir}/nginx-body;
  proxy_temp_path ${dir}/nginx-proxy;
  fastcgi_temp_path ${dir}/nginx-fastcgi;
  uwsgi_temp_path ${dir}/nginx-uwsgi;
  scgi_temp_path ${dir}/nginx-scgi;
  server_names_hash_max_size 4096;
  server_names_hash_bucket_size 128;
  upstream backend { server 127.0.0.1:${backendPort}; keepalive 16; }
  ${servers.join('\n  ')}
}
`;
}
