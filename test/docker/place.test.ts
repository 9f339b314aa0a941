import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findPlace, ownIdCandidates } from '../../src/docker/place.ts';
import { toContainer } from '../../src/docker/to-container.ts';

const [own, other] = ['a'.repeat(64), 'b'.repeat(64)];
const hints = (files: Readonly<Record<string, string>>, hostname = '') =>
  ownIdCandidates({ readFile: (path) => files[path] ?? null, hostname });

for (const [name, files, hostname, expected] of [
  ['cgroup v1', { '/proc/self/cgroup': `12:cpu:/docker/${own}\n1:name=systemd:/docker/${own}\n` }, '', [own]],
  ['cgroup v1 under systemd', { '/proc/self/cgroup': `0::/system.slice/docker-${own}.scope\n` }, '', [own]],
  ['podman', { '/proc/self/cgroup': `0::/user.slice/libpod-${own}.scope/container\n` }, '', [own]],
  [
    'cgroup v2 and its mounts',
    {
      '/proc/self/cgroup': '0::/\n',
      '/proc/self/mountinfo': `600 590 8:1 /var/lib/docker/containers/${own}/resolv.conf /etc/resolv.conf rw - ext4 /dev/sda rw\n601 590 8:1 /var/lib/docker/containers/${own}/hostname /etc/hostname rw\n`,
    },
    '',
    [own],
  ],
  [
    "podman's mounts",
    { '/proc/self/mountinfo': `1 2 0:1 /containers/storage/overlay-containers/${own}/userdata/hosts /etc/hosts rw\n` },
    '',
    [own],
  ],
  ['the name of the host', {}, own.slice(0, 12), [own.slice(0, 12)]],
  ['a name that a person gave', {}, 'my-proxy', []],
  [
    'a host',
    { '/proc/self/cgroup': '0::/init.scope\n', '/proc/self/mountinfo': '22 1 8:1 / / rw - ext4 /dev/sda rw\n' },
    'box',
    [],
  ],
  ['no /proc', {}, '', []],
] as const) {
  test(`${name}: the candidates for the own id are found`, () => {
    assert.deepEqual(hints(files, hostname), expected);
  });
}

function container(id: string, networkMode: string, networks: readonly string[]) {
  const Networks = Object.fromEntries(networks.map((name) => [name, { NetworkID: `id-${name}`, Gateway: '10.0.0.1' }]));
  const made = toContainer(
    { Id: id, Name: `/${id[0]}`, HostConfig: { NetworkMode: networkMode }, NetworkSettings: { Networks } },
    '',
  );
  assert.ok(made);
  return made;
}

test('a candidate that no engine knows is no container of theirs: the proxy is on a host', () => {
  assert.deepEqual(findPlace([container(other, 'web', ['web'])], [own]), { kind: 'host' });
  assert.deepEqual(findPlace([], [own]), { kind: 'host' });
});

test('in a container its networks are those of the proxy', () => {
  assert.deepEqual(
    findPlace([container(other, 'x', ['x']), container(own, 'web', ['back', 'web'])], [own.slice(0, 12)]),
    {
      kind: 'container',
      id: own,
      name: 'a',
      hostNetwork: false,
      networks: [
        { id: 'id-back', name: 'back', gateway: '10.0.0.1' },
        { id: 'id-web', name: 'web', gateway: '10.0.0.1' },
      ],
    },
  );
});

test("a container on the host's network says so", () => {
  const place = findPlace([container(own, 'host', ['host'])], [own]);
  assert.equal(place.kind === 'container' && place.hostNetwork, true);
});

test('in the network of another container the networks are those of the other one', () => {
  const place = findPlace([container(own, `container:${other}`, []), container(other, 'vpn', ['vpn'])], [own]);
  assert.deepEqual(place.kind === 'container' && [place.id, place.networks.map(({ name }) => name)], [own, ['vpn']]);
});
