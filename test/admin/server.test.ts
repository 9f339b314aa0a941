import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { startAdmin } from '../../src/admin/server.ts';
import { createLog } from '../../src/base/log.ts';
import { adminOver, adminSettings, temporaryDirectory, view } from './admin-world.ts';

const log = createLog({ level: 'silent', format: 'json' });
const settingsIn = (dataDir: string) => adminSettings({ dataDir });

test('what is not there is answered with the list of what is', async (t) => {
  const { ask } = await adminOver(t);
  const answer = await ask('/nothing');
  assert.equal(answer.status, 404);
  assert.deepEqual(answer.json<{ endpoints: string[] }>().endpoints, [
    ...['/', '/routes', '/route', '/live', '/explain', '/certs', '/certs/renew', '/certs/root.pem'],
    ...['/cache', '/status', '/metrics', '/events', '/login', '/logout', '/healthz', '/readyz', '/assets/…'],
    ...['/backends/<container>/drain', '/backends/<container>/undrain'],
  ]);
});

test('nothing can be changed: only GET and HEAD are answered', async (t) => {
  const { ask } = await adminOver(t);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const { status, headers } = await ask('/routes', { method });
    assert.equal(status, 405, method);
    assert.equal(headers.allow, 'GET, HEAD');
  }
});

test('HEAD has the headers of GET and no body', async (t) => {
  const { ask } = await adminOver(t);
  for (const path of ['/', '/routes', '/status']) {
    const { status, headers, body } = await ask(path, { method: 'HEAD' });
    assert.equal(status, 200, path);
    assert.equal(body, '');
    assert.ok(headers['content-type']);
  }
});

test('every answer is kept out of frames, caches and foreign pages', async (t) => {
  const { ask } = await adminOver(t);
  for (const path of ['/', '/routes', '/nothing', '/explain']) {
    const { headers } = await ask(path, { headers: { accept: 'text/html' } });
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /^default-src 'none'; script-src 'self' 'nonce-[^']+'; style-src 'self'; connect-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.equal(headers['referrer-policy'], 'same-origin');
  }
});

test('the nonce of inline scripts is that of the header, and another each time', async (t) => {
  const { ask } = await adminOver(t);
  const nonceOf = async () => {
    const { headers, body } = await ask('/');
    const nonce = /nonce-([^']+)'/.exec(String(headers['content-security-policy']))?.[1] as string;
    assert.deepEqual(new Set(body.match(/(?<= nonce=")[^"]+/g)), new Set([nonce]));
    assert.doesNotMatch(body, / style=| on[a-z]+=|<style/);
    return nonce;
  };
  assert.notEqual(await nonceOf(), await nonceOf());
});

test('the socket of the commands is for its owner only, and goes with the proxy', async (t) => {
  const dataDir = temporaryDirectory(t);
  const admin = await startAdmin({ settings: settingsIn(dataDir), view: view(), log });
  assert.equal(admin.port, null);
  assert.equal(statSync(admin.socket).mode & 0o777, 0o600);
  await admin.close();
  assert.equal(existsSync(admin.socket), false);
});

test('a socket that a dead process left behind is replaced', async (t) => {
  const dataDir = temporaryDirectory(t);
  const path = join(dataDir, 'admin.sock');
  const { spawnSync } = await import('node:child_process');
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  assert.ok(existsSync(path));
  const admin = await startAdmin({ settings: settingsIn(dataDir), view: view(), log });
  t.after(() => admin.close());
});

test('a second proxy with the same data directory is an error, and does not disturb the first', async (t) => {
  const { dataDir, ask } = await adminOver(t);
  await assert.rejects(startAdmin({ settings: settingsIn(dataDir), view: view(), log }), /another proxy runs/);
  assert.equal((await ask('/healthz', { socket: true })).status, 200);
});

test('a file in the place of the socket is left alone', async (t) => {
  const dataDir = temporaryDirectory(t);
  writeFileSync(join(dataDir, 'admin.sock'), 'mine');
  await assert.rejects(startAdmin({ settings: settingsIn(dataDir), view: view(), log }), /FAIRLEAD_DATA/);
  assert.equal(existsSync(join(dataDir, 'admin.sock')), true);
});

test('a taken port is an error that names the setting, and leaves no socket behind', async (t) => {
  const other = createServer();
  t.after(() => other.close());
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const dataDir = temporaryDirectory(t);
  const settings = { ...settingsIn(dataDir), admin: { host: '127.0.0.1', port } };
  await assert.rejects(
    startAdmin({ settings, view: view(), log }),
    new RegExp(`FAIRLEAD_ADMIN=127.0.0.1:${port}: the port is taken`),
  );
  assert.equal(existsSync(join(dataDir, 'admin.sock')), false);
});

test('curl gets JSON, a browser gets HTML, a terminal gets text, and format= beats them', async (t) => {
  const { ask } = await adminOver(t);
  const typeOf = async (path: string, accept: string) =>
    (await ask(path, { headers: { accept } })).headers['content-type'];
  assert.match((await typeOf('/routes', '*/*')) ?? '', /json/);
  assert.match(
    (await typeOf('/routes', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8')) ?? '',
    /html/,
  );
  assert.match((await typeOf('/routes', 'text/plain')) ?? '', /plain/);
  assert.match((await typeOf('/routes', 'text/html;q=0.2, application/json')) ?? '', /json/);
  assert.match((await typeOf('/routes?format=text', 'text/html')) ?? '', /plain/);
  assert.equal((await ask('/routes?format=xml')).status, 400);
});
