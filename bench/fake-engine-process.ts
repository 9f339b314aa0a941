/**
 * A Docker engine that only talks, for more containers than a machine can run: list, inspect and events over a unix socket.
 * Every container is on the host's network, so that its route leads to a real backend on loopback. Arguments: socket, number
 * of containers, backend's port, `certificates` where each is to have `proxy.tls=cert:app-<number>`. Messages: start or stop the container of a number; answered when the event is out.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { ToFakeEngine } from './fake-engine.ts';

const [socket = '', countText = '0', backendPort = '80', tls] = process.argv.slice(2);
const networks = { host: { NetworkID: 'host', EndpointID: '', Gateway: '', IPAddress: '', GlobalIPv6Address: '' } };
const version = { Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12', Os: 'linux', Arch: 'amd64' };
const createdSeconds = 1_790_000_000;
const count = Number(countText);
const ids = Array.from({ length: count }, (_, number) => createHash('sha256').update(`bench ${number}`).digest('hex'));
const numbers = new Map(ids.map((id, number) => [id, number]));
const stopped = new Set<number>();
const streams = new Set<ServerResponse>();
/** The list as JSON text by container: 10,000 are made once. */
const listed: string[] = ids.map((_, number) => JSON.stringify(listEntry(number)));

function labels(number: number): Record<string, string> {
  return {
    'com.docker.compose.project': 'bench',
    'com.docker.compose.service': `app-${number}`,
    'com.docker.compose.container-number': '1',
    'com.docker.compose.oneoff': 'False',
    'org.opencontainers.image.title': 'an application',
    'proxy.host': `app-${number}.bench.test`,
    'proxy.port': backendPort,
    'proxy.timeout': '30s',
    ...(tls === 'certificates' ? { 'proxy.tls': `cert:app-${number}` } : {}),
  };
}

function listEntry(number: number): unknown {
  const running = !stopped.has(number);
  return {
    Id: ids[number],
    Names: [`/bench-app-${number}-1`],
    Image: 'app:1',
    ImageID: `sha256:${'0'.repeat(64)}`,
    Command: '/app',
    Created: createdSeconds + number,
    Ports: [],
    Labels: labels(number),
    State: running ? 'running' : 'exited',
    Status: running ? 'Up 2 hours' : 'Exited (0) 1 second ago',
    HostConfig: { NetworkMode: 'host' },
    NetworkSettings: { Networks: networks },
    Mounts: [],
  };
}

function inspection(number: number): unknown {
  const running = !stopped.has(number);
  return {
    Id: ids[number],
    Name: `/bench-app-${number}-1`,
    Created: new Date((createdSeconds + number) * 1000).toISOString(),
    Image: `sha256:${'0'.repeat(64)}`,
    RestartCount: 0,
    State: {
      Status: running ? 'running' : 'exited',
      Running: running,
      Paused: false,
      Restarting: false,
      OOMKilled: false,
      Dead: false,
      Pid: running ? 1000 + number : 0,
      ExitCode: 0,
      Error: '',
      StartedAt: new Date((createdSeconds + number) * 1000).toISOString(),
      FinishedAt: '0001-01-01T00:00:00Z',
    },
    Config: { Image: 'app:1', Labels: labels(number), ExposedPorts: {}, StopSignal: 'SIGTERM', Env: [] },
    HostConfig: { NetworkMode: 'host', PortBindings: {} },
    NetworkSettings: { Ports: {}, Networks: networks },
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '/').replace(/\?.*$/, '').replace(/^\/v\d+\.\d+/, '');
  response.setHeader('Api-Version', '1.41');
  if (path === '/_ping') return void response.end('OK');
  if (path === '/events') {
    streams.add(response);
    response.on('close', () => streams.delete(response));
    response.setHeader('Content-Type', 'application/json');
    return response.flushHeaders();
  }
  response.setHeader('Content-Type', 'application/json');
  if (path === '/version') return void response.end(JSON.stringify(version));
  if (path === '/info') return void response.end(JSON.stringify({ ServerVersion: version.Version, Name: 'bench' }));
  if (path === '/containers/json') return void response.end(`[${listed.join(',')}]`);
  const number = numbers.get(/^\/containers\/([0-9a-f]{64})\/json$/.exec(path)?.[1] ?? '');
  if (number !== undefined) return void response.end(JSON.stringify(inspection(number)));
  response.statusCode = 404;
  response.end(JSON.stringify({ message: `page not found: ${path}` }));
}

/** The actions of 20.10 in their order; a stop without a process that could linger. */
function emit(number: number, actions: readonly string[]): void {
  const nowMs = Date.now();
  for (const action of actions) {
    const attributes = { ...labels(number), image: 'app:1', name: `bench-app-${number}-1` };
    const event = {
      status: action,
      id: ids[number],
      from: 'app:1',
      Type: 'container',
      Action: action,
      Actor: { ID: ids[number], Attributes: attributes },
      scope: 'local',
      time: Math.floor(nowMs / 1000),
      timeNano: nowMs * 1e6,
    };
    for (const stream of streams) stream.write(`${JSON.stringify(event)}\n`);
  }
}

process.on('message', ({ type, number }: ToFakeEngine) => {
  if (type === 'start') stopped.delete(number);
  else stopped.add(number);
  listed[number] = JSON.stringify(listEntry(number));
  emit(number, type === 'start' ? ['start'] : ['die', 'stop']);
  process.send?.({ type: 'done' });
});
process.on('disconnect', () => process.exit(0));
createServer(answer).listen(socket, () => process.send?.({ type: 'listening' }));
