import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/free-port.ts';
import { Child } from '../child.ts';
import type { Identity } from '../identity.ts';
import { type Contender, type ContenderOptions, keptConnections } from './contender.ts';

/** Caddy with one running thread of Go code. Its access log has no buffer either. */
export async function startCaddy(program: string, version: string, options: ContenderOptions): Promise<Contender> {
  const { core, dir, backendPort, identity } = options;
  const port = await freePort();
  const accessLog = join(dir, 'caddy.access.log');
  const config = join(dir, 'Caddyfile');
  writeFileSync(config, configuration({ port, backendPort, identity }));
  const child = new Child('caddy', program, ['run', '--config', config, '--adapter', 'caddyfile'], {
    core,
    dir,
    env: { GOMAXPROCS: '1', XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir, HOME: dir },
    stdoutFile: accessLog,
  });
  return {
    name: 'caddy',
    version,
    port,
    pid: child.pid,
    accessLog,
    [Symbol.asyncDispose]: () => child.stop(),
  };
}

function configuration(place: { port: number; backendPort: number; identity: Identity | undefined }): string {
  const { port, backendPort, identity } = place;
  return `{
	admin off
	auto_https off
	servers {
		protocols h1 h2
	}
	log default {
		level ERROR
		exclude http.log.access
	}
}
${identity === undefined ? 'http' : 'https'}://:${port} {
	bind 127.0.0.1
	${identity === undefined ? '' : `tls ${identity.certFile} ${identity.keyFile}`}
	log {
		output stdout
	}
	@app host bench.test
	reverse_proxy @app 127.0.0.1:${backendPort} {
		header_up X-Real-IP {remote_host}
		header_up X-Forwarded-Port ${port}
		header_up X-Request-Id {http.request.uuid}
		transport http {
			keepalive_idle_conns ${keptConnections}
			keepalive_idle_conns_per_host ${keptConnections}
			compression off
		}
	}
}
`;
}
