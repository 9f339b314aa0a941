import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toContainer } from '../../src/docker/to-container.ts';
import { fc } from '../support/properties.ts';

const id = 'a'.repeat(64);

const inspected = {
  Id: id,
  Name: '/shop-web-1',
  Created: '2026-11-24T02:00:00.123456789Z',
  State: { Status: 'running', ExitCode: 0, OOMKilled: false, Health: { Status: 'healthy' } },
  Config: {
    Image: 'shop:1',
    Env: ['PASSWORD=secret'],
    StopSignal: 'SIGQUIT',
    ExposedPorts: { '3000/tcp': {}, '53/udp': {} },
    Labels: {
      'proxy.host': 'shop.test',
      'com.docker.compose.project': 'shop',
      'com.docker.compose.service': 'web',
      'com.docker.compose.oneoff': 'False',
    },
  },
  HostConfig: { NetworkMode: 'shop_default', PortBindings: { '9000/tcp': [] } },
  NetworkSettings: {
    Ports: {
      '3000/tcp': [
        { HostIp: '0.0.0.0', HostPort: '8080' },
        { HostIp: '::', HostPort: '8080' },
      ],
      '3001/tcp': null,
    },
    Networks: {
      shop_default: { NetworkID: 'n1', IPAddress: '172.20.0.2', GlobalIPv6Address: 'fd00::2', Gateway: '172.20.0.1' },
      back: { NetworkID: 'n2', IPAddress: '172.21.0.2', GlobalIPv6Address: '', Gateway: '' },
    },
  },
};

const of = (part: object) => toContainer({ ...inspected, ...part }, 'unix:///x.sock');

test('what happened last in its life is when it changed', () => {
  const [Created, StartedAt, FinishedAt] = ['2026-11-24T02:00:00Z', '2026-11-24T03:00:00.5Z', '2026-11-24T04:00:00Z'];
  const never = '0001-01-01T00:00:00Z';
  const changedMs = (State: object) => of({ Created, State })?.changedMs;
  assert.equal(changedMs({ StartedAt: never, FinishedAt: never }), Date.parse(Created));
  assert.equal(changedMs({ StartedAt, FinishedAt: never }), Date.parse(StartedAt));
  assert.equal(changedMs({ StartedAt, FinishedAt }), Date.parse(FinishedAt));
});

test('an inspection becomes a container with what routing needs, and nothing else', () => {
  assert.deepEqual(of({}), {
    id,
    name: 'shop-web-1',
    image: 'shop:1',
    endpoint: 'unix:///x.sock',
    project: 'shop',
    service: 'web',
    oneOff: false,
    labels: inspected.Config.Labels,
    createdMs: Date.UTC(2026, 10, 24, 2, 0, 0, 123),
    changedMs: Date.UTC(2026, 10, 24, 2, 0, 0, 123),
    state: 'running',
    health: 'healthy',
    stopping: false,
    exitCode: 0,
    outOfMemory: false,
    exposedPorts: [3000, 3001, 9000],
    publishedPorts: [
      { containerPort: 3000, hostIp: '0.0.0.0', hostPort: 8080 },
      { containerPort: 3000, hostIp: '::', hostPort: 8080 },
    ],
    networkMode: 'shop_default',
    attachments: [
      { network: 'back', networkId: 'n2', ipv4: '172.21.0.2', ipv6: '', gateway: '' },
      { network: 'shop_default', networkId: 'n1', ipv4: '172.20.0.2', ipv6: 'fd00::2', gateway: '172.20.0.1' },
    ],
    stopSignal: 3,
    stopGraceMs: 10_000,
  });
});

test('it is frozen to its leaves', () => {
  const container = of({});
  const frozen = (value: unknown): boolean =>
    typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
  assert.ok(frozen(container));
});

for (const [name, part, field, expected] of [
  ['no networks', { NetworkSettings: null }, 'attachments', []],
  ['no labels', { Config: { Labels: null } }, 'labels', {}],
  ['no config at all', { Config: undefined }, 'stopSignal', 15],
  ['a stop signal as podman writes it', { Config: { StopSignal: '2' } }, 'stopSignal', 2],
  ['a stop signal as a number', { Config: { StopSignal: 2 } }, 'stopSignal', 2],
  ['a stop signal that systemd wants', { Config: { StopSignal: 'SIGRTMIN+3' } }, 'stopSignal', 37],
  ['a stop signal that is none', { Config: { StopSignal: 'SIGNOTHING' } }, 'stopSignal', 15],
  ['a stop grace period', { Config: { StopTimeout: 90 } }, 'stopGraceMs', 90_000],
  ['a stop grace period without end', { Config: { StopTimeout: -1 } }, 'stopGraceMs', Infinity],
  ['a stop grace period that is none', { Config: { StopTimeout: 'long' } }, 'stopGraceMs', 10_000],
  ['health that podman does not fill', { State: { Status: 'running', Health: { Status: '' } } }, 'health', 'none'],
  ["podman's word for an end", { State: { Status: 'stopped' } }, 'state', 'exited'],
  ["podman's word for a stop", { State: { Status: 'stopping' } }, 'stopping', true],
  ['a state that is only flags', { State: { Running: true } }, 'state', 'running'],
  ['a state called like a method', { State: { Status: 'constructor' } }, 'state', 'exited'],
  ['a one-off container of compose', { Config: { Labels: { 'com.docker.compose.oneoff': 'True' } } }, 'oneOff', true],
  ['labels that are no text', { Config: { Labels: { a: 1, b: 'two', c: null } } }, 'labels', { b: 'two' }],
  [
    'ports out of range',
    { Config: { ExposedPorts: { '0/tcp': {}, '70000/tcp': {}, 'x/tcp': {}, '80': {} } } },
    'exposedPorts',
    [80, 3000, 3001, 9000],
  ],
  ['a time that is none', { Created: 'yesterday' }, 'createdMs', 0],
  ['no name', { Name: 7 }, 'name', 'aaaaaaaaaaaa'],
  ['the default network', { HostConfig: { NetworkMode: 'default' } }, 'networkMode', 'bridge'],
] as const) {
  test(`${name}: read as nothing known, or as what was meant`, () => {
    assert.deepEqual(of(part)?.[field], expected);
  });
}

test('a label called __proto__ is a label like any other', () => {
  const json: unknown = JSON.parse(`{"Id":"${id}","Config":{"Labels":{"__proto__":"x","proxy.host":"a.test"}}}`);
  const container = toContainer(json, '');
  assert.deepEqual(Object.keys(container?.labels ?? {}), ['__proto__', 'proxy.host']);
  assert.equal(Object.getPrototypeOf(container?.labels), Object.prototype);
});

test('an address that is none is not dialled', () => {
  const Networks = { web: { IPAddress: 'evil.test', GlobalIPv6Address: 7, Gateway: '$(reboot)' } };
  const [attachment] = of({ NetworkSettings: { Networks } })?.attachments ?? [];
  assert.deepEqual(attachment, { network: 'web', networkId: '', ipv4: '', ipv6: '', gateway: '' });
});

test('whatever an engine answers, it reads as a container or as none, and secrets stay out', () => {
  const shapes = Object.keys(inspected);
  fc.assert(
    fc.property(fc.constantFrom(...shapes), fc.jsonValue({ maxDepth: 4 }), (key, odd) => {
      const container = toContainer({ ...inspected, [key]: odd }, '');
      assert.equal(container === null, key === 'Id' && !/^[0-9a-f]{64}$/i.test(String(odd)));
      assert.doesNotMatch(JSON.stringify(container), /PASSWORD|secret/);
    }),
  );
  fc.assert(fc.property(fc.anything(), (odd) => void toContainer(odd, '')));
});

test('how often a HEALTHCHECK is run is known, and there is none where it is switched off', () => {
  const every = (healthcheck: unknown) =>
    toContainer({ Id: id, Config: { Healthcheck: healthcheck } }, '')?.healthEveryMs;
  assert.equal(every({ Test: ['CMD', 'true'], Interval: 10e9 }), 10_000);
  assert.equal(every({ Test: ['CMD', 'true'] }), 30_000);
  for (const none of [undefined, null, {}, { Test: [] }, { Test: ['NONE'] }, { Test: 'CMD', Interval: '1s' }])
    assert.equal(every(none), undefined, JSON.stringify(none));
});
