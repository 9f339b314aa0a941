import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '../../src/docker/container.ts';
import type { Options } from '../../src/labels/options.ts';
import { shownState } from '../../src/routing/backend-state.ts';
import { type Dial, dial, type Surroundings } from '../../src/routing/dial.ts';
import { fc } from '../support/properties.ts';
import { attachment, container, inContainer, onHost, spec, surroundings } from './builders.ts';

function dialled(
  about: Partial<Container> = {},
  options: Partial<Options> = {},
  around: Surroundings = surroundings(),
): Dial {
  return dial(container(about), spec({ options }), around);
}

function address(result: Dial): string {
  return `${result.host}:${result.port}`;
}

test('the sole exposed port is dialled', () => {
  const { check, ...rest } = dialled();
  assert.deepEqual(rest, {
    host: '172.20.0.2',
    port: 8080,
    otherHosts: [],
    state: 'healthy',
    reason: '',
    problems: [],
  });
  assert.equal(check?.kind, 'tcp');
});

test('proxy.port wins over every exposed port', () => {
  assert.equal(dialled({ exposedPorts: [80, 9000] }, { port: 9000 }).port, 9000);
  assert.equal(dialled({ exposedPorts: [] }, { port: 9000 }).port, 9000);
});

test('the port of the host in the place of the one in the container is a warning with the one that was meant', () => {
  const publishedPorts = [{ containerPort: 80, hostIp: '', hostPort: 8080 }];
  const [problem] = dialled({ exposedPorts: [80], publishedPorts }, { port: 8080 }).problems;
  assert.equal(problem?.severity, 'warning');
  assert.equal(problem?.suggestion, 'proxy.port=80');
  assert.deepEqual(dialled({ exposedPorts: [80, 8080], publishedPorts }, { port: 8080 }).problems, []);
  assert.deepEqual(dialled({ exposedPorts: [80], publishedPorts }, { port: 3000 }).problems, []);
});

test('of several exposed ports 80, 8080, 3000, 8000 are taken in this order, else the lowest, with a warning', () => {
  const taken = (...exposedPorts: number[]) => dialled({ exposedPorts }).port;
  assert.deepEqual(
    [taken(22, 80, 443, 8080), taken(22, 3000, 8080), taken(22, 3000, 8000), taken(22, 8000), taken(5000, 9000)],
    [80, 8080, 3000, 8000, 5000],
  );
  const [problem] = dialled({ name: 'web', exposedPorts: [5000, 9000] }).problems;
  assert.equal(problem?.severity, 'warning');
  assert.match(problem?.expected ?? '', /several \(5000, 9000\); 5000 was taken/);
  assert.equal(problem?.suggestion, 'proxy.port=5000');
});

test('a container without any port is unreachable, and an error says how to mend it', () => {
  const result = dialled({ exposedPorts: [] });
  assert.equal(result.state, 'unreachable');
  assert.equal(result.reason, 'no port: it exposes none and has no proxy.port');
  assert.equal(result.problems[0]?.severity, 'error');
  assert.match(result.problems[0]?.suggestion ?? '', /proxy\.port=8080/);
});

test('a problem names the label of its own route', () => {
  const result = dial(container({ exposedPorts: [] }), spec({ name: 'api' }), surroundings());
  assert.equal(result.problems[0]?.label, 'proxy.api.port');
});

test('all addresses at which it is in reach are known, beside the one that is dialled', () => {
  const attachments = [
    attachment('bridge', { ipv4: '172.17.0.2' }),
    attachment('front', { ipv4: '172.20.0.2' }),
    attachment('back', { ipv4: '172.21.0.2' }),
  ];
  const fromHost = dialled({ attachments });
  assert.deepEqual([fromHost.host, fromHost.otherHosts], ['172.21.0.2', ['172.20.0.2', '172.17.0.2']]);
  const wanted = dialled({ attachments }, { network: 'front' }, surroundings(inContainer(['front', 'bridge'])));
  assert.deepEqual([wanted.host, wanted.otherHosts], ['172.20.0.2', ['172.17.0.2']]);
  const nowhere = dialled({ attachments }, { network: 'gone' }, surroundings(inContainer(['bridge'])));
  assert.deepEqual([nowhere.state, nowhere.otherHosts], ['unreachable', ['172.17.0.2']]);
});

test('from the host a user-defined network is preferred to bridge, and the first by name to the others', () => {
  const attachments = [
    attachment('bridge', { ipv4: '172.17.0.2' }),
    attachment('zoo', { ipv4: '172.21.0.2' }),
    attachment('app', { ipv4: '172.22.0.2' }),
  ];
  assert.equal(dialled({ attachments }).host, '172.22.0.2');
  assert.equal(dialled({ attachments: attachments.slice(0, 1) }).host, '172.17.0.2');
});

test('from the host a network that the container is not on is a warning, not an outage', () => {
  const result = dialled({}, { network: 'backend' });
  assert.equal(result.state, 'healthy');
  assert.equal(result.problems[0]?.severity, 'warning');
  assert.match(result.problems[0]?.expected ?? '', /\(web\); web was taken/);
});

test('a container on the host network is dialled at the loopback, or at the gateway from a container', () => {
  const about = { networkMode: 'host', attachments: [attachment('host', { ipv4: '', gateway: '' })] };
  assert.equal(dialled(about).host, '127.0.0.1');
  assert.equal(dialled(about, {}, surroundings(inContainer([], { hostNetwork: true }))).host, '127.0.0.1');
  assert.equal(dialled(about, {}, surroundings(inContainer(['web'], { gateway: '172.20.0.1' }))).host, '172.20.0.1');
  const without = dialled(about, {}, surroundings(inContainer(['web'], { gateway: '' })));
  assert.equal(without.state, 'unreachable');
  assert.equal(without.problems[0]?.suggestion, 'docker network connect bridge fairlead');
});

test('a container in the network of another one is dialled at that one', () => {
  const vpn = container({ name: 'vpn', attachments: [attachment('web', { ipv4: '172.20.0.9' })] });
  const about = { networkMode: `container:${vpn.id}`, attachments: [] };
  assert.equal(dialled(about, {}, surroundings(onHost, { containers: [vpn] })).host, '172.20.0.9');
  assert.match(dialled(about).reason, /which is not known/);
  const stopped = { ...vpn, state: 'exited' } as const;
  assert.match(dialled(about, {}, surroundings(onHost, { containers: [stopped] })).reason, /vpn, which is not running/);
});

test('containers in each other’s network end as unreachable', () => {
  const a = container({ id: 'a', networkMode: 'container:b' });
  const b = container({ id: 'b', networkMode: 'container:a' });
  assert.equal(dial(a, spec(), surroundings(onHost, { containers: [a, b] })).state, 'unreachable');
});

test('in a container the network shared with the proxy is dialled', () => {
  const attachments = [attachment('private', { ipv4: '10.0.0.2' }), attachment('web', { ipv4: '172.20.0.2' })];
  assert.equal(dialled({ attachments }, {}, surroundings(inContainer(['bridge', 'web']))).host, '172.20.0.2');
});

test('a container that shares no network is unreachable, and the problem has the command that connects them', () => {
  const attachments = [attachment('bridge'), attachment('private')];
  const result = dialled({ attachments }, {}, surroundings(inContainer(['web'])));
  assert.equal(result.state, 'unreachable');
  assert.match(result.reason, /shares no network with the proxy/);
  const [problem] = result.problems;
  assert.match(problem?.expected ?? '', /container is on private, bridge, the proxy \(fairlead\) is on web/);
  assert.equal(problem?.suggestion, 'docker network connect private fairlead');
});

test('proxy.network is an exact name, else the name in the compose project, else the only ending', () => {
  const attachments = [
    attachment('shop_web', { ipv4: '10.0.0.1' }),
    attachment('other_web', { ipv4: '10.0.0.2' }),
    attachment('x_back', { ipv4: '10.0.0.3' }),
    attachment('y_back', { ipv4: '10.0.0.4' }),
    attachment('z_only', { ipv4: '10.0.0.5' }),
  ];
  const around = surroundings(inContainer(attachments.map(({ network }) => network)));
  const host = (network: string) => dialled({ project: 'shop', attachments }, { network }, around).host;
  assert.deepEqual(
    [host('other_web'), host('web'), host('only'), host('back')],
    ['10.0.0.2', '10.0.0.1', '10.0.0.5', ''],
  );
});

test('a named network that the proxy is not on gives the command for the proxy', () => {
  const attachments = [attachment('back'), attachment('web')];
  const result = dialled({ name: 'app', attachments }, { network: 'back' }, surroundings(inContainer(['web'])));
  assert.equal(result.state, 'unreachable');
  assert.equal(result.problems[0]?.value, 'back');
  assert.match(result.problems[0]?.expected ?? '', /container is on back, web, the proxy \(fairlead\) is on web/);
  assert.equal(result.problems[0]?.suggestion, 'docker network connect back fairlead');
});

test('a named network that only the proxy is on gives the command for the container', () => {
  const result = dialled({ name: 'app' }, { network: 'edge' }, surroundings(inContainer(['edge'])));
  assert.equal(result.state, 'unreachable');
  assert.equal(result.problems[0]?.suggestion, 'docker network connect edge app');
});

test('a named network that nobody is on gives the label for a shared one', () => {
  const result = dialled({ name: 'app' }, { network: 'nope' }, surroundings(inContainer(['web'])));
  assert.equal(result.state, 'unreachable');
  assert.equal(result.problems[0]?.suggestion, 'proxy.network=web');
});

test('the ingress network of a swarm is never dialled', () => {
  const attachments = [attachment('ingress', { ipv4: '10.0.0.9' })];
  assert.equal(dialled({ attachments }, {}, surroundings(inContainer(['ingress']))).state, 'unreachable');
  assert.equal(dialled({ attachments }).state, 'unreachable');
});

test('a network with IPv6 only is dialled over IPv6', () => {
  const attachments = [attachment('web', { ipv4: '', ipv6: 'fd00::2' })];
  assert.equal(address(dialled({ attachments })), 'fd00::2:8080');
});

test('a container without a network is unreachable', () => {
  const attachments = [attachment('none', { ipv4: '', gateway: '' })];
  const result = dialled({ networkMode: 'none', attachments });
  assert.equal(result.state, 'unreachable');
  assert.match(result.reason, /network_mode: none/);
});

test('on a remote engine the published port is dialled, at its own address where it has one', () => {
  const around = surroundings(onHost, { remoteHost: 'docker.example.com' });
  const published = (hostIp: string) => ({ publishedPorts: [{ containerPort: 8080, hostIp, hostPort: 32_768 }] });
  assert.equal(address(dialled(published('0.0.0.0'), {}, around)), 'docker.example.com:32768');
  assert.equal(address(dialled(published('192.0.2.7'), {}, around)), '192.0.2.7:32768');
  assert.equal(address(dialled({ networkMode: 'host' }, {}, around)), 'docker.example.com:8080');
});

test('on a remote engine an unpublished port is a problem that says to publish it', () => {
  const around = surroundings(onHost, { remoteHost: 'docker.example.com' });
  const result = dialled({}, {}, around);
  assert.equal(result.state, 'unreachable');
  assert.match(result.problems[0]?.suggestion ?? '', /--publish 8080:8080/);
  const local = dialled({ publishedPorts: [{ containerPort: 8080, hostIp: '127.0.0.1', hostPort: 1 }] }, {}, around);
  assert.match(local.reason, /on the loopback of docker\.example\.com only/);
});

test('the life of a container decides the state of the backend, in words', () => {
  const states: [Partial<Container>, string, string][] = [
    [{}, 'healthy', ''],
    [{ health: 'healthy' }, 'healthy', ''],
    [
      { health: 'starting', healthEveryMs: 10_000 },
      'starting',
      "Docker's HEALTHCHECK of the image has not passed yet, asked at least every 10s; `proxy.health=tcp` lets it in once its port answers",
    ],
    [
      { health: 'starting' },
      'starting',
      "Docker's HEALTHCHECK of the image has not passed yet; `proxy.health=tcp` lets it in once its port answers",
    ],
    [{ health: 'unhealthy' }, 'unhealthy', 'its health check fails'],
    [{ state: 'created' }, 'stopped', 'created, never started'],
    [{ state: 'restarting', exitCode: 1 }, 'starting', 'restarting, exit code 1; see `docker logs app-1`'],
    [
      { state: 'exited', exitCode: 137, outOfMemory: true },
      'stopped',
      'exited with code 137, out of memory; see `docker logs app-1`',
    ],
    [{ state: 'dead', exitCode: 1 }, 'stopped', 'dead, exit code 1; see `docker logs app-1`'],
    [{ state: 'removed' }, 'stopped', 'the container was removed'],
    [{ state: 'paused' }, 'paused', '`docker unpause` brings it back'],
    [{ stopping: true }, 'draining', 'was sent its stop signal'],
    [{ attachments: [] }, 'unreachable', 'it has no address in any network'],
  ];
  for (const [about, state, reason] of states) {
    const result = dialled({ name: 'app-1', ...about });
    assert.deepEqual([result.state, result.reason], [state, reason], JSON.stringify(about));
  }
});

test('a stopped container is stopped, not unreachable, and nobody complains of its networks', () => {
  const result = dialled({ state: 'exited', attachments: [] }, {}, surroundings(inContainer(['web'])));
  assert.equal(result.state, 'stopped');
  assert.deepEqual(result.problems, []);
});

test('proxy.weight=0 drains a container that is well', () => {
  const shown = (about: Partial<Container>, weight: number) => {
    const { state, reason } = dialled(about, { weight });
    return shownState({ state, reason, weight });
  };
  assert.deepEqual(shown({}, 0), { state: 'draining', reason: 'proxy.weight=0' });
  assert.deepEqual(shown({}, 1), { state: 'healthy', reason: '' });
  assert.equal(shown({ health: 'unhealthy' }, 0).state, 'unhealthy');
});

test('the health check of the image does not count where the labels ask for none or for tcp', () => {
  for (const kind of ['off', 'tcp'] as const) {
    assert.equal(dialled({ health: 'unhealthy' }, { health: { kind } }).state, 'healthy');
  }
  assert.equal(dialled({ health: 'unhealthy' }, { health: { kind: 'docker' } }).state, 'unhealthy');
});

const network = fc.constantFrom('web', 'back', 'bridge', 'ingress', 'none', 'host', 'p_web', 'q_web', '');
const anyContainer = fc.record({
  state: fc.constantFrom('created', 'running', 'paused', 'restarting', 'exited', 'dead', 'removed'),
  health: fc.constantFrom('none', 'starting', 'healthy', 'unhealthy'),
  stopping: fc.boolean(),
  project: fc.constantFrom('', 'p'),
  exposedPorts: fc.array(fc.integer({ min: 1, max: 65_535 }), { maxLength: 3 }),
  publishedPorts: fc.array(
    fc.record({
      containerPort: fc.constant(8080),
      hostIp: fc.constantFrom('', '::', '127.0.0.1', '192.0.2.1'),
      hostPort: fc.nat(),
    }),
    { maxLength: 2 },
  ),
  networkMode: fc.oneof(network, fc.constantFrom('container:', `container:${'0'.repeat(64)}`, 'container:self')),
  attachments: fc.array(
    fc
      .tuple(network, fc.constantFrom('', '10.0.0.1'), fc.constantFrom('', 'fd00::1'))
      .map(([name, ipv4, ipv6]) => attachment(name, { ipv4, ipv6 })),
    { maxLength: 4 },
  ),
});

test('dialling never throws, and what is not healthy has a reason', () => {
  const place = fc.oneof(
    fc.constant(onHost),
    fc
      .tuple(fc.array(network, { maxLength: 3 }), fc.boolean())
      .map(([names, hostNetwork]) => inContainer(names, { hostNetwork })),
  );
  const options = fc.record({
    port: fc.constantFrom(null, 8080),
    network: fc.constantFrom(null, 'web', 'back', ''),
    weight: fc.constantFrom(0, 1),
  });
  fc.assert(
    fc.property(
      anyContainer,
      options,
      place,
      fc.constantFrom('', 'remote.example'),
      (about, given, where, remoteHost) => {
        const self = container({ id: 'self' });
        const result = dialled(
          about as Partial<Container>,
          given,
          surroundings(where, { remoteHost, containers: [self] }),
        );
        assert.equal(result.state === 'healthy', result.reason === '');
        if (result.state === 'healthy') assert.ok(result.host !== '' && result.port > 0);
      },
    ),
    { numRuns: 1000 },
  );
});
