import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, testEngine } from '../support/engine.ts';
import { testFolder } from '../support/issuer-settings.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { rawClient } from '../support/raw-client.ts';
import { underSmallDisk } from '../support/small-disk.ts';

const proxyFormat = '%h %^ %e [%d:%t %^] "%r" %s %b "%R" "%u" upstream: %^ response_time: %T cache: %C';

function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

/** Waits until a line of the file has the text. */
function lineWith(file: string, text: string): Promise<string> {
  return eventually(`${file} has ${text}`, async () => linesOf(file).find((line) => line.includes(text)));
}

test('GoAccess reads combined and proxy, and finds no line that it does not understand', async (t) => {
  const engine = testEngine(t);
  const logs = testFolder(t);
  const [plain, behind] = [`plain.${engine.mark}.test`, `behind.${engine.mark}.test`];
  const labels = (host: string, format: string, file: string) => ({
    ...{ 'proxy.host': host, 'proxy.log.format': format, 'proxy.log.file': file },
  });
  await engine.container({ labels: labels(plain, 'combined', 'plain.log') });
  await engine.container({ labels: labels(behind, 'proxy', 'behind.log') });
  const env = { FAIRLEAD_LOG_DIR: logs, FAIRLEAD_WORKERS: '2', FAIRLEAD_ACCESS_LOG: 'off' };
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env });
  const odd = { 'user-agent': 'a "b" \\ \xe9 [c]', referer: 'https://x.test/?key=1' };
  for (const host of [plain, behind]) {
    await proxy.live(host);
    for (let i = 0; i < 20; i++) await proxy.get(host, `/page/${i}?token=abc`, { headers: odd });
    await proxy.get(host, '/missing', { method: 'POST' });
  }
  for (const [file, ...format] of [
    ['plain.log', '--log-format=COMBINED'],
    ['behind.log', `--log-format=${proxyFormat}`, '--date-format=%d/%b/%Y', '--time-format=%T'],
  ] as const) {
    const path = join(logs, file);
    await lineWith(path, '/missing');
    await eventually('all lines are there', async () => linesOf(path).length >= 22);
    const report = join(logs, `${file}.json`);
    execFileSync('goaccess', [path, ...format, '--no-global-config', '-o', report], { stdio: 'pipe' });
    const { general, ...panels } = JSON.parse(readFileSync(report, 'utf8'));
    assert.equal(general.valid_requests, linesOf(path).length);
    assert.equal(general.failed_requests, 0);
    const codes = panels.status_codes.data.flatMap(({ items }: { items: { data: string }[] }) => items);
    assert.ok(codes.some(({ data }: { data: string }) => data.startsWith('404')));
    assert.ok(!readFileSync(path, 'utf8').includes('abc'));
  }
  assert.deepEqual(proxy.accesses(plain), []);
});

test('a file that was moved is begun anew, by a signal or by itself, and no line is lost', async (t) => {
  const engine = testEngine(t);
  const logs = testFolder(t);
  const main = join(logs, 'main.log');
  const app = join(logs, 'app.log');
  const [host, own] = [`app.${engine.mark}.test`, `own.${engine.mark}.test`];
  await engine.container({ labels: { 'proxy.host': host } });
  await engine.container({ labels: { 'proxy.host': own, 'proxy.log.file': 'app.log' } });
  const env = { FAIRLEAD_LOG_DIR: logs, FAIRLEAD_ACCESS_LOG: main, FAIRLEAD_WORKERS: '2' };
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env });
  const files = [
    [main, host],
    [app, own],
  ] as const;
  for (const [, name] of files) await proxy.live(name);
  const asked: string[] = [];
  const load = async (turn: string) => {
    for (let i = 0; i < 10; i++) {
      asked.push(`/${turn}-${i}.`);
      for (const [, name] of files) await proxy.get(name, `/${turn}-${i}.`);
    }
  };
  await load('first');
  for (const [file] of files) await lineWith(file, '/first-0.');
  for (const [file] of files) renameSync(file, `${file}.1`);
  await load('moved');
  proxy.child.kill('SIGHUP');
  // What ends before the signal has reached its worker is still in the old one.
  const begun = (path: string) =>
    eventually('a new file is begun', async () => {
      for (const [, name] of files) await proxy.get(name, path);
      return files.every(([file]) => linesOf(file).some((line) => line.includes(path)));
    });
  await begun('/signalled');
  await load('second');
  for (const [file] of files) renameSync(file, `${file}.2`);
  // Without a signal.
  await begun('/again');
  assert.deepEqual(await proxy.stop(), { code: 0, signal: null });
  for (const [file] of files) {
    const all = [`${file}.1`, `${file}.2`, file].flatMap(linesOf).join('\n');
    for (const path of asked) assert.equal(all.split(`"target":"${path}"`).length, 2, `${file} ${path}`);
    assert.equal(statSync(file).mode & 0o777, 0o640);
  }
});

test('once a file was moved nobody holds it any more', async (t) => {
  const engine = testEngine(t);
  const main = join(testFolder(t), 'main.log');
  const host = `app.${engine.mark}.test`;
  await engine.container({ labels: { 'proxy.host': host } });
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env: { FAIRLEAD_ACCESS_LOG: main } });
  await proxy.live(host);
  await lineWith(main, host);
  const { pid } = (await proxy.status()).dataPlane;
  const holders = () =>
    [proxy.child.pid, pid].filter((one) =>
      execFileSync('ls', ['-l', `/proc/${one}/fd`], { encoding: 'utf8' }).includes(`${main}.1`),
    );
  renameSync(main, `${main}.1`);
  assert.deepEqual(holders(), [pid]);
  proxy.child.kill('SIGHUP');
  await eventually('the old file is let go', async () => holders().length === 0);
  await proxy.get(host, '/after');
  await lineWith(main, '/after');
});

test('a name in a label writes nowhere else: links and pipes are left alone, and it is told', async (t) => {
  const engine = testEngine(t);
  const [logs, outside] = [testFolder(t), testFolder(t)];
  writeFileSync(join(outside, 'secret'), '');
  symlinkSync(join(outside, 'secret'), join(logs, 'link.log'));
  execFileSync('mkfifo', [join(logs, 'pipe.log')]);
  mkdirSync(join(logs, 'folder.log'));
  const names = ['link.log', 'pipe.log', 'folder.log', 'fine.log'];
  const host = (name: string) => `${name.split('.')[0]}.${engine.mark}.test`;
  for (const name of names) await engine.container({ labels: { 'proxy.host': host(name), 'proxy.log.file': name } });
  const traversing = `up.${engine.mark}.test`;
  const up = await engine.container({ labels: { 'proxy.host': traversing, 'proxy.log.file': '../up.log' } });
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env: { FAIRLEAD_LOG_DIR: logs } });
  for (const name of names) await proxy.live(host(name));
  for (const name of names) await proxy.get(host(name), '/x');
  await lineWith(join(logs, 'fine.log'), '/x');
  const { warnings } = await eventually('all are told', async () => {
    const status = await proxy.status();
    return status.warnings.filter((warning) => /access log/.test(warning)).length === 3 && status;
  });
  assert.match(warnings.join('\n'), /folder\.log cannot be written: EISDIR/);
  assert.match(warnings.join('\n'), /link\.log cannot be written: it is a symbolic link/);
  assert.equal(readFileSync(join(outside, 'secret'), 'utf8'), '');
  const problem = await proxy.problem((await up.inspect()).Name.slice(1), 'proxy.log.file');
  assert.match(problem.expected, /the name of a file in the log directory/);
  assert.ok(!existsSync(join(logs, '../up.log')));
});

test('without a log directory a file is told in /routes, and its lines are not lost', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const container = await engine.container({ labels: { 'proxy.host': host, 'proxy.log.file': 'app.log' } });
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  await proxy.live(host);
  await eventually('the line is on stdout', async () => proxy.accesses(host)[0]);
  const problem = await proxy.problem((await container.inspect()).Name.slice(1), 'proxy.log.file');
  assert.match(problem.suggestion, /FAIRLEAD_LOG_DIR/);
});

test('a full disk stops no request: lines are dropped, counted and told', async (t) => {
  const engine = testEngine(t);
  const logs = testFolder(t);
  const host = `app.${engine.mark}.test`;
  await engine.container({ labels: { 'proxy.host': host, 'proxy.log.file': 'app.log' } });
  const proxy = await ProxyProcess.start(t, {
    endpoint: engine.endpoint,
    env: { FAIRLEAD_LOG_DIR: logs },
    under: underSmallDisk({ directory: logs, kib: 16 }),
  });
  await proxy.live(host);
  const long = '/'.padEnd(4_000, 'x');
  for (let i = 0; i < 20; i++) assert.equal((await proxy.get(host, long)).status, 404);
  const { accessLog, warnings } = await eventually('the loss is counted', async () => {
    const status = (await proxy.status()) as Awaited<ReturnType<ProxyProcess['status']>> & {
      accessLog: { droppedLines: number };
    };
    return status.accessLog.droppedLines > 0 && status;
  });
  assert.ok(accessLog.droppedLines <= 21);
  assert.match(warnings.join('\n'), /app\.log cannot be written: ENOSPC/);
  assert.ok(proxy.lines().some(({ message }) => /lines of access logs were dropped/.test(message ?? '')));
});

test('a request that is no HTTP has its line in the format of the proxy', async (t) => {
  const engine = testEngine(t);
  const main = join(testFolder(t), 'main.log');
  const env = { FAIRLEAD_ACCESS_LOG: main, FAIRLEAD_ACCESS_LOG_FORMAT: 'combined' };
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env });
  const client = await rawClient(t, proxy.httpPort);
  client.write('GET /unknown HTTP/1.1\r\nHost: nobody.test\r\n\r\n');
  assert.match(await lineWith(main, '/unknown'), / - - \[[^\]]+\] "GET \/unknown HTTP\/1\.1" 444 0 "-" "-"$/);
});

test('settings that name no place for logs stop the start, and say so', async (t) => {
  const proxy = ProxyProcess.spawn(t, {
    args: ['serve'],
    env: { FAIRLEAD_ACCESS_LOG: '/nowhere/a/b.log', FAIRLEAD_LOG_DIR: '/nowhere/c/d' },
  });
  assert.equal((await proxy.ended).code, 2);
  assert.match(proxy.stderr, /FAIRLEAD_ACCESS_LOG[\s\S]*FAIRLEAD_LOG_DIR/);
});
