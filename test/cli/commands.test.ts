import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { ExplainView } from '../../src/admin/explain-view.ts';
import { adminOver, labelledContainer, temporaryDirectory } from '../admin/admin-world.ts';
import { fairlead } from './terminal.ts';

const esc = String.fromCharCode(27);

const containers = [labelledContainer({ 'proxy.host': 'app.example.com', 'proxy.hots': 'x' }, { name: 'app-1' })];

test('the help names every command and every setting', async () => {
  const { code, out } = await fairlead(['--help']);
  assert.equal(code, 0);
  for (const word of [
    'serve',
    'routes',
    'explain',
    'certs',
    'check',
    'healthcheck',
    'whoami',
    '--http',
    '--acme-email',
  ])
    assert.ok(out.includes(word), word);
});

test('a command that does not exist gets the one that was meant, and exit code 2', async () => {
  const { code, err } = await fairlead(['rutes']);
  assert.equal(code, 2);
  assert.match(err, /did you mean `routes`\?/);
});

test('wrong settings are all reported, and the proxy does not start', async (t) => {
  const data = join(temporaryDirectory(t), 'data');
  const { code, err } = await fairlead(['--http', 'x', '--data', data], {
    FAIRLEAD_WORKERS: 'many',
    FAIRLEAD_HTPS: 'off',
  });
  assert.equal(code, 2);
  assert.match(err, /^fairlead cannot start: 3 settings are wrong\n/);
  for (const said of ['--http=x', 'FAIRLEAD_WORKERS=many', 'FAIRLEAD_HTPS=…', '`FAIRLEAD_HTTPS`'])
    assert.ok(err.includes(said), said);
});

test('routes are those of the running proxy, by its data directory or its address', async (t) => {
  const { dataDir, port } = await adminOver(t, { containers });
  for (const where of [
    ['--data', dataDir],
    ['--admin', `127.0.0.1:${port}`],
  ]) {
    const { code, out } = await fairlead(['routes', ...where]);
    assert.equal(code, 0);
    assert.match(out, /app\.example\.com/);
  }
  const json = await fairlead(['routes', '--json'], { FAIRLEAD_DATA: dataDir });
  assert.equal((JSON.parse(json.out) as { routes: unknown[] }).routes.length, 1);
});

test('an address with a token is asked with it', async (t) => {
  const adminToken = 'a-token-of-many-letters';
  const { port } = await adminOver(t, { containers }, { adminToken });
  const where = ['routes', '--admin', `127.0.0.1:${port}`];
  assert.equal((await fairlead([...where, '--admin-token', adminToken])).code, 0);
  assert.equal((await fairlead(where, { FAIRLEAD_ADMIN_TOKEN: adminToken })).code, 0);
  const refused = await fairlead(where);
  assert.equal(refused.code, 2);
  assert.match(refused.err, /a token is needed/);
});

test('a request is explained, with all that was said of it', async (t) => {
  const { dataDir } = await adminOver(t, { containers });
  const question = ['--method', 'POST', '--header', 'X-A: 1', '--header', 'X-B: 2', '--ip', '203.0.113.7'];
  const { code, out } = await fairlead(['explain', 'http://app.example.com/x', ...question, '--data', dataDir]);
  assert.equal(code, 0);
  assert.match(out, /^POST http:\/\/app\.example\.com\/x from 203\.0\.113\.7\nROUTE app\.example\.com\/\n/);
  const bad = await fairlead(['explain', 'a', '--ip', 'x', '--data', dataDir]);
  assert.equal(bad.code, 2);
  assert.match(bad.err, /`ip`/);
});

test('a request is asked about as curl would ask it, and as JSON it is what the API says', async (t) => {
  const { dataDir } = await adminOver(t, { containers });
  const question = ['-X', 'post', '-H', 'X-Forwarded-For: 203.0.113.9', '-H', 'Content-Length: 3'];
  const { code, out } = await fairlead(['explain', 'app.example.com/x', ...question, '--data', dataDir, '--json']);
  assert.equal(code, 0);
  const view = JSON.parse(out) as ExplainView;
  assert.deepEqual([view.method, view.url, view.route], ['POST', 'app.example.com/x', 'app.example.com/']);
  assert.match(view.notes.join(), /X-Forwarded-For/);
  const unknown = await fairlead(['explain', 'nobody.example.com', '--data', dataDir]);
  assert.equal(unknown.code, 0);
  assert.match(unknown.out, /\nNO ROUTE\n/);
});

test('a person gets colours and lines that fit, and nobody else does', async (t) => {
  const labels = { 'proxy.host': 'app.example.com', 'proxy.deny': '203.0.113.0/24', 'proxy.security': 'true' };
  const { dataDir } = await adminOver(t, { containers: [labelledContainer(labels)] });
  const asked = (env: Readonly<Record<string, string>>, screen: { terminal: boolean; columns?: number }) => {
    const args = ['explain', 'app.example.com', '--ip', '203.0.113.7', '--data', dataDir];
    return fairlead(args, env, new EventEmitter(), '', screen);
  };
  const person = (await asked({}, { terminal: true, columns: 60 })).out;
  assert.match(
    person,
    new RegExp(`${esc}\\[31m {2}✗ deny: +403 address-denied: 203\\.0\\.113\\.7 may not come${esc}\\[0m\n`),
  );
  assert.match(person, /· lb: +not reached: /);
  const plain = stripVTControlCharacters(person);
  assert.ok(plain.split('\n').every((line) => line.length <= 60));
  assert.equal((await asked({ NO_COLOR: '1' }, { terminal: true, columns: 60 })).out, plain);
  const piped = (await asked({}, { terminal: false })).out;
  assert.equal(piped, stripVTControlCharacters(piped));
  assert.ok(piped.split('\n').every((line) => line.length <= 100));
});

test('where no proxy runs the commands say so, and exit with 2', async (t) => {
  const where = ['--data', temporaryDirectory(t)];
  for (const command of [['routes'], ['explain', 'http://a/'], ['check'], ['certs'], ['certs', 'renew']]) {
    const { code, err } = await fairlead([...command, ...where]);
    assert.equal(code, 2, command.join(' '));
    assert.match(err, /no proxy runs here/);
  }
});

test('the health check is 0 when ready, else 1', async (t) => {
  const ready = await adminOver(t, { containers });
  assert.equal((await fairlead(['healthcheck', '--data', ready.dataDir])).code, 0);
  const starting = await adminOver(t, { complete: false });
  const answer = await fairlead(['healthcheck', '--data', starting.dataDir]);
  assert.equal(answer.code, 1);
  assert.match(answer.out, /first scan of Docker/);
  assert.equal((await fairlead(['healthcheck', '--live', '--data', starting.dataDir])).code, 0);
  assert.equal((await fairlead(['healthcheck', '--data', temporaryDirectory(t)])).code, 1);
});

test('check asks the running proxy: 1 with problems, 0 without', async (t) => {
  const bad = await adminOver(t, { containers });
  const found = await fairlead(['check', '--data', bad.dataDir]);
  assert.equal(found.code, 1);
  assert.match(
    found.out,
    /✗ app-1: proxy\.hots=x\n.*\n {4}did you mean `proxy\.host`\?\n1 error in the running proxy \(1 route\)\n$/,
  );
  const good = await adminOver(t, { containers: [labelledContainer({ 'proxy.host': 'a.example.com' })] });
  const clean = await fairlead(['check', '--json', '--data', good.dataDir]);
  assert.equal(clean.code, 0);
  assert.deepEqual((JSON.parse(clean.out) as { problems: unknown[] }).problems, []);
});

test('whoami says where it listens and ends on a signal', async () => {
  const signals = new EventEmitter();
  const ended = fairlead(['whoami', '--port', '0', '--host', '127.0.0.1'], {}, signals);
  // It listens for signals only once it is up.
  await new Promise((resolve) => signals.once('newListener', resolve));
  await new Promise(setImmediate);
  signals.emit('SIGTERM');
  const { code, out } = await ended;
  assert.equal(code, 0);
  assert.match(out, /^whoami listens on port \d+\n$/);
});

test('whoami is healthy by the same command as the proxy, where the environment names a data directory', async (t) => {
  const env = { FAIRLEAD_DATA: temporaryDirectory(t) };
  const signals = new EventEmitter();
  assert.equal((await fairlead(['healthcheck'], env)).code, 1);
  const ended = fairlead(['whoami', '--port', '0'], env, signals);
  await new Promise((resolve) => signals.once('newListener', resolve));
  await new Promise(setImmediate);
  assert.equal((await fairlead(['healthcheck'], env)).code, 0);
  signals.emit('SIGINT');
  assert.equal((await ended).code, 0);
  assert.equal((await fairlead(['healthcheck'], env)).code, 1);
});

test('whoami on a port that is none is a mistake', async () => {
  const { code, err } = await fairlead(['whoami', '--port', '70000']);
  assert.equal(code, 2);
  assert.match(err, /--port 70000/);
});
