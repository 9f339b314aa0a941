import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEndpoint } from '../../src/docker/endpoint.ts';
import { sshArguments } from '../../src/docker/ssh-agent.ts';

const pem: Readonly<Record<string, string>> = {
  '/certs/ca.pem': 'CA',
  '/certs/cert.pem': 'CERT',
  '/certs/key.pem': 'KEY',
};
const tls = { ca: 'CA', cert: 'CERT', key: 'KEY' };

function read(text: string, env: Record<string, string> = {}) {
  const { endpoint, error } = readEndpoint(text, { env, readFile: (path) => pem[path] ?? null });
  return endpoint === null ? error : { ...endpoint.target, remoteHost: endpoint.remoteHost };
}

const certs = { DOCKER_CERT_PATH: '/certs' };

for (const [text, env, expected] of [
  ['unix:///var/run/docker.sock', {}, { kind: 'unix', path: '/var/run/docker.sock', remoteHost: '' }],
  ['/var/run/docker.sock', {}, { kind: 'unix', path: '/var/run/docker.sock', remoteHost: '' }],
  [
    'unix:///run/user/1000/podman/podman.sock',
    certs,
    { kind: 'unix', path: '/run/user/1000/podman/podman.sock', remoteHost: '' },
  ],
  ['tcp://127.0.0.1:2375', {}, { kind: 'tcp', host: '127.0.0.1', port: 2375, tls: null, remoteHost: '' }],
  ['tcp://localhost', {}, { kind: 'tcp', host: 'localhost', port: 2375, tls: null, remoteHost: '' }],
  ['tcp://[::1]:2375', {}, { kind: 'tcp', host: '::1', port: 2375, tls: null, remoteHost: '' }],
  ['tcp://[fd00::5]:2375', {}, { kind: 'tcp', host: 'fd00::5', port: 2375, tls: null, remoteHost: 'fd00::5' }],
  [
    'tcp://socket-proxy:2375',
    {},
    { kind: 'tcp', host: 'socket-proxy', port: 2375, tls: null, remoteHost: 'socket-proxy' },
  ],
  ['tcp://10.0.0.5:2376', certs, { kind: 'tcp', host: '10.0.0.5', port: 2376, tls, remoteHost: '10.0.0.5' }],
  ['tcp://10.0.0.5', certs, { kind: 'tcp', host: '10.0.0.5', port: 2376, tls, remoteHost: '10.0.0.5' }],
  ['http://10.0.0.5:2375', certs, { kind: 'tcp', host: '10.0.0.5', port: 2375, tls: null, remoteHost: '10.0.0.5' }],
  ['http://10.0.0.5:80', {}, { kind: 'tcp', host: '10.0.0.5', port: 80, tls: null, remoteHost: '10.0.0.5' }],
  [
    'https://e.test:443/',
    {},
    { kind: 'tcp', host: 'e.test', port: 443, tls: { ca: '', cert: '', key: '' }, remoteHost: 'e.test' },
  ],
  ['ssh://root@10.0.0.5', {}, { kind: 'ssh', user: 'root', host: '10.0.0.5', port: null, remoteHost: '10.0.0.5' }],
  ['ssh://me@box.test:2222', {}, { kind: 'ssh', user: 'me', host: 'box.test', port: 2222, remoteHost: 'box.test' }],
  ['ssh://box', {}, { kind: 'ssh', user: '', host: 'box', port: null, remoteHost: 'box' }],
] as const) {
  test(`${text}${env === certs ? ' with certificates' : ''} is understood`, () => {
    assert.deepEqual(read(text, env), expected);
  });
}

for (const [text, env, expected] of [
  ['', {}, /expected unix:/],
  ['unix://docker.sock', {}, /absolute path/],
  ['localhost:2375', {}, /expected unix:/],
  ['tcp://10.0.0.5:2375/v1.41', {}, /nothing after the host and the port/],
  ['tcp://u:p@10.0.0.5:2375', {}, /no user name/],
  ['tcp://10.0.0.5:99999', {}, /expected unix:/],
  ['npipe:////./pipe/docker_engine', {}, /expected unix:/],
  ['ssh://-oProxyCommand=x', {}, /expected/],
  ['ssh://%zz@box', {}, /no password/],
  ['ssh://me:secret@box', {}, /no password/],
  [
    'tcp://10.0.0.5:2376',
    { DOCKER_TLS_VERIFY: '1', HOME: '/home/me' },
    /cannot read ca\.pem.* in \/home\/me\/\.docker/,
  ],
] as const) {
  test(`${text === '' ? 'nothing' : text} is refused with what was expected`, () => {
    const error = read(text, env);
    assert.match(String(error), expected);
    assert.doesNotMatch(String(error), /secret|u:p@/);
  });
}

test('ssh gets the host behind the end of its options', () => {
  const words = sshArguments({ user: 'me', host: 'box.test', port: 2222 }).join(' ');
  assert.match(words, /-o BatchMode=yes .*-T -p 2222 -- me@box\.test docker system dial-stdio$/);
});
