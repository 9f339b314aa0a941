import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { inspect } from 'node:util';
import Docker from 'dockerode';
import type { Endpoint } from './endpoint.ts';
import { SshAgent } from './ssh-agent.ts';

/** A dockerode client that has been told everything, and the agent that holds its connections. */
export interface DockerClient {
  readonly docker: Docker;
  readonly agent: HttpAgent;
}

/** Idle connections are kept: the next inspection of the same burst finds one. */
const pooling = { keepAlive: true, maxFreeSockets: 8 };

export function openDocker({ target }: Endpoint): DockerClient {
  switch (target.kind) {
    case 'unix': {
      const agent = unprinted(new HttpAgent(pooling));
      return { agent, docker: explicitDocker({ socketPath: target.path, protocol: 'http', agent }) };
    }
    case 'tcp': {
      const { host, port, tls } = target;
      if (tls === null) {
        const agent = unprinted(new HttpAgent(pooling));
        return { agent, docker: explicitDocker({ host, port, protocol: 'http', agent }) };
      }
      const pem = Object.fromEntries(Object.entries(tls).filter(([, text]) => text !== ''));
      const agent = unprinted(new HttpsAgent({ ...pooling, ...pem }));
      return { agent, docker: explicitDocker({ host, port, protocol: 'https', agent, ...pem }) };
    }
    case 'ssh': {
      const agent = unprinted(new SshAgent(target));
      // The host name is only written into the Host header; the agent makes the connection.
      return { agent, docker: explicitDocker({ host: 'docker', port: 80, protocol: 'http', agent }) };
    }
    default:
      return target satisfies never;
  }
}

/**
 * docker-modem mixes DOCKER_HOST, and the files of DOCKER_CERT_PATH with it, into whatever it is told; an odd value makes it
 * throw. It reads them only while it is constructed, and only when DOCKER_HOST is set: so that is hidden for that moment.
 */
function explicitDocker(options: Docker.DockerOptions & { readonly agent: HttpAgent }): Docker {
  const kept = process.env.DOCKER_HOST;
  delete process.env.DOCKER_HOST;
  try {
    return new Docker(options);
  } finally {
    if (kept !== undefined) process.env.DOCKER_HOST = kept;
  }
}

/**
 * docker-modem prints its options with `util.inspect` before every request, whether or not anybody reads that. An agent with
 * eight busy sockets took 5 ms there: 200 inspections per second became 5,000 without it.
 */
function unprinted<A extends HttpAgent>(agent: A): A {
  return Object.assign(agent, { [inspect.custom]: () => 'Agent' });
}
