import type { Endpoint } from './endpoint.ts';

/** The engine, or something in front of it, answered with a status that is no success. */
export class EngineAnswer extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(`the engine answered ${status}: ${message}`);
    this.name = 'EngineAnswer';
    this.status = status;
  }
}

/** What went wrong with an engine and what to do about it, in one line for the log and for `/routes`. */
export function adviceFor(error: unknown, { text, target }: Endpoint): string {
  const said = `${text}: ${cut(error instanceof Error ? error.message : String(error))}`;
  if (error instanceof EngineAnswer) return adviceForStatus(error, said);
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  if (target.kind === 'unix') return adviceForSocket(code, target.path, said);
  if (target.kind === 'ssh') return `${said}. \`ssh ${target.host} docker version\` has to work without a question`;
  if (code === 'ECONNREFUSED')
    return `${text}: nothing listens at ${target.host}:${target.port}. Is the engine started with this address?`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `${text}: no address is known for the name ${target.host}`;
  if (/CERT|SSL|TLS|UNABLE_TO/.test(code)) {
    return `${said} (${code}). Check ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH, and that the certificate names ${target.host}`;
  }
  return code === '' || said.includes(code) ? said : `${said} (${code})`;
}

function adviceForStatus({ status }: EngineAnswer, said: string): string {
  if (status === 403)
    return `${said}. A socket proxy stands in front: it has to allow GET with CONTAINERS=1, EVENTS=1, PING=1 and VERSION=1`;
  if (status === 401) return `${said}. Something in front of the engine asks for a password, which is not supported`;
  if (status === 400 && /https/i.test(said))
    return `${said}. The port speaks TLS: set DOCKER_CERT_PATH, or write https://`;
  if (status === 400) return `${said}. The engine refuses this API version: either it or this proxy is too old`;
  return said;
}

function adviceForSocket(code: string, path: string, said: string): string {
  switch (code) {
    case 'ENOENT':
      return `there is no socket at ${path}. Is the engine running? In a container mount it (-v /var/run/docker.sock:/var/run/docker.sock:ro), or set FAIRLEAD_DOCKER`;
    case 'EACCES':
    case 'EPERM':
      return `no permission for ${path}. Add the group of the socket: in a container --group-add $(stat -c %g ${path}), on a host the group docker`;
    case 'ECONNREFUSED':
      return `nothing listens behind ${path}. The engine is down; or the socket alone was mounted and the engine has made a new one since: mount its directory instead (-v /var/run:/var/run:ro), and restart this container`;
    case 'ENOTSOCK':
    case 'EISDIR':
      return `${path} is no socket. Docker makes a directory when a path to mount is missing: remove it and start the engine first`;
    default:
      return code === '' || said.includes(code) ? said : `${said} (${code})`;
  }
}

function cut(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
