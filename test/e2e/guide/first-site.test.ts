import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { command } from '../../../scripts/command.ts';
import { eventually, fairleadImage } from '../../support/engine.ts';
import { testFolder } from '../../support/issuer-settings.ts';
import { rawClient } from '../../support/raw-client.ts';
import { isRefusedName, secureGetOnce } from '../../support/secure-proxy.ts';
import { GuideSite } from './guide-site.ts';

test('a first site: server_name, proxy_pass, listen, proxy_set_header, default_server', async (t) => {
  const site = await GuideSite.up(t, { image: fairleadImage(), services: ['app-1'] });
  const container = await site.container('app-1');

  await t.test('a host and a port in labels are a site', async () => {
    const { status, body, headers } = await site.get('app', '/hello?a=b');
    assert.equal(status, 200);
    assert.match(body, /^GET \/hello\?a=b HTTP\/1\.1$/m);
    assert.equal(headers['x-whoami'], (await container.inspect()).Config.Hostname);
  });

  await t.test('the second name redirects to the first, path and query kept', async () => {
    const { status, headers } = await site.get('www.app', '/hello?a=b');
    assert.deepEqual([status, headers.location], [308, `http://${site.host('app')}/hello?a=b`]);
  });

  await t.test('IPv4 and IPv6, HTTP/1.1 and HTTP/2, on the ports that compose publishes', async (inner) => {
    const host = site.host('app');
    const file = join(testFolder(inner), 'root.pem');
    writeFileSync(file, await site.rootPem());
    await site.secureGet('app');
    const curl = async (family: '-4' | '-6', ...args: string[]) => {
      const [address, binding] = family === '-4' ? ['127.0.0.1', '0.0.0.0'] : ['[::1]', '::'];
      const to = ['80', '443'].flatMap((port) => [
        '--connect-to',
        `${host}:${port}:${address}:${published(port, binding)}`,
      ]);
      const shown = [
        '--silent',
        '--show-error',
        '--max-time',
        '20',
        '--output',
        '/dev/null',
        '--write-out',
        '%{http_version} %{http_code}',
      ];
      return command('curl', [family, ...shown, '--cacert', file, ...to, ...args]);
    };
    const { Ports } = (await (await site.container('fairlead')).inspect()).NetworkSettings;
    const published = (port: string, binding: string) =>
      Ports[`${port}/tcp`]?.find(({ HostIp }) => HostIp === binding)?.HostPort ?? assert.fail(`${port} on ${binding}`);
    for (const family of ['-4', '-6'] as const) {
      assert.equal(await curl(family, `http://${host}/`), '1.1 200');
      assert.equal(await curl(family, '--http1.1', `https://${host}/`), '1.1 200');
      assert.equal(await curl(family, '--http2', `https://${host}/`), '2 200');
    }
  });

  await t.test('the backend learns the host, the client, and how it came', async () => {
    const { body } = await site.get('app', '/');
    assert.equal(headerOf(body, 'Host'), site.host('app'));
    assert.match(headerOf(body, 'X-Real-IP'), /^\d+\.\d+\.\d+\.\d+$/);
    assert.equal(headerOf(body, 'X-Forwarded-For'), headerOf(body, 'X-Real-IP'));
    assert.equal(headerOf(body, 'X-Forwarded-Proto'), 'http');
    assert.equal(headerOf((await site.secureGet('app')).body, 'X-Forwarded-Proto'), 'https');
  });

  await t.test('what a client says of itself in X-Forwarded-For is not believed', async () => {
    const real = headerOf((await site.get('app')).body, 'X-Real-IP');
    const lies = { 'X-Forwarded-For': '198.51.100.1', 'X-Real-IP': '198.51.100.2', 'X-Forwarded-Proto': 'https' };
    const { body } = await site.get('app', '/', { headers: lies });
    assert.deepEqual(
      ['X-Forwarded-For', 'X-Real-IP', 'X-Forwarded-Proto'].map((name) => headerOf(body, name)),
      [real, real, 'http'],
    );
    assert.doesNotMatch(body, /198\.51\.100/);
  });

  await t.test('an asset has Host and X-Forwarded-For like any other request', async () => {
    const { body } = await site.get('app', '/app.js');
    assert.equal(headerOf(body, 'Host'), site.host('app'));
    assert.match(headerOf(body, 'X-Forwarded-For'), /^\d+\.\d+\.\d+\.\d+$/);
  });

  await t.test('a Host that nobody claims is closed without an answer, and so is its handshake', async (inner) => {
    for (const host of [`unknown.${site.domain}`, site.address]) {
      const client = await rawClient(inner, 80, site.address);
      client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      assert.equal(await client.rest(), '', host);
    }
    const asked = secureGetOnce(443, `unknown.${site.domain}`, { ca: await site.rootPem(), address: site.address });
    await assert.rejects(asked, isRefusedName);
  });

  await t.test('a further site is a further container: it comes and goes, and the proxy is not restarted', async () => {
    const proxy = await site.container('fairlead');
    const { StartedAt } = (await proxy.inspect()).State;
    await assert.rejects(site.get('git'));
    await site.compose('up', '-d', 'git');
    await eventually('git is live', async () => (await site.get('git').catch(() => null))?.status === 200);
    await site.compose('stop', '--timeout', '2', 'git');
    assert.equal((await site.get('app')).status, 200);
    assert.equal((await proxy.inspect()).State.StartedAt, StartedAt);
  });
});

/** What whoami says it got under a name. */
function headerOf(body: string, name: string): string {
  const values = [...body.matchAll(new RegExp(`^${name}: (.*)$`, 'gim'))].map(([, value]) => value);
  assert.equal(values.length, 1, `${name} in ${body}`);
  return values[0] ?? '';
}
