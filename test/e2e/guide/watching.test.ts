import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, fairleadImage } from '../../support/engine.ts';
import { ask } from '../../support/proxy-process.ts';
import { GuideSite } from './guide-site.ts';

test('watching: stub_status, access_log, error_log, nginx -t, troubleshooting', async (t) => {
  const site = await GuideSite.up(t, { image: fairleadImage(), services: ['app-1', 'git'] });
  const proxy = await site.container('fairlead');

  await t.test('stub_status is /status, on this machine only, and not without the token', async () => {
    const { status, body } = await site.admin('/status?format=text');
    assert.equal(status, 200);
    assert.match(
      body,
      /^Active connections: \d+ *\nserver accepts handled requests\n \d+ \d+ \d+ *\nReading: \d+ Writing: \d+ Waiting: \d+/,
    );
    const bindings = (await proxy.inspect()).NetworkSettings.Ports['8080/tcp'] ?? [];
    assert.deepEqual([...new Set(bindings.map(({ HostIp }) => HostIp))], ['127.0.0.1']);
    assert.equal((await ask(8080, '/status', { address: site.address })).status, 401);
    // Nor by way of the public ports.
    assert.match((await site.get('app', '/status')).body, /^GET \/status HTTP/m);
  });

  await t.test('each request leaves a line with the container, its time, and what the limit decided', async () => {
    const answer = await site.get('git', '/a?v=1', { headers: { 'user-agent': 'a browser' } });
    const line = await eventually('the line is there', async () => (await site.accesses('git', '/a?v=1'))[0]);
    assert.deepEqual(
      [line.method, line.status, line.limit, line.userAgent, line.requestId],
      ['GET', 200, 'passed', 'a browser', /^X-Request-Id: (.*)$/m.exec(answer.body)?.[1]],
    );
    assert.equal(line.container, (await (await site.container('git')).inspect()).Name.slice(1));
    assert.match(String(line.upstream), /:3000$/);
    for (const ms of [line.upstreamMs, line.totalMs]) assert.ok(typeof ms === 'number' && ms > 0);
  });

  const inLogs = (...words: string[]) => site.compose('exec', '-T', 'fairlead', ...words);
  const appLines = async (name = 'app.access.log') =>
    (await inLogs('cat', `/logs/${name}`).catch(() => '')).trim().split('\n');

  await t.test('the app has a file of its own, in the form of nginx, and the other sites have none of it', async () => {
    const headers = { 'user-agent': 'a "browser"', referer: 'https://other.test/' };
    for (let i = 0; i < 2; i++) await site.get('app', '/api/b.css?token=abc', { headers });
    const lines = await eventually('both lines are there', async () => {
      const found = (await appLines()).filter((line) => line.includes('/api/b.css'));
      return found.length === 2 && found;
    });
    const form =
      /^[\d.]+ - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/api\/b\.css\?token=\*\*\* HTTP\/1\.1" 200 \d+ "https:\/\/other\.test\/" "a \\x22browser\\x22" upstream: (\S+) response_time: (\S+) cache: (\S+)$/;
    // Each worker writes what it has served at a time of its own.
    const [hit, miss] = lines.map((line) => form.exec(line)?.slice(1).join()).sort();
    assert.match(miss ?? '', /^[\d.]+:3000,\d+\.\d{3},MISS$/, lines.join('\n'));
    assert.equal(hit, '-,-,HIT', lines.join('\n'));
    assert.deepEqual(await site.accesses('app', '/api/b.css?token=***'), []);
    assert.ok(!(await appLines()).some((line) => line.includes('/a?v=1')));
  });

  await t.test('logrotate moves the file, and a signal begins a new one', async () => {
    await inLogs('mv', '/logs/app.access.log', '/logs/app.access.log.1');
    await proxy.kill({ signal: 'SIGHUP' });
    await site.get('app', '/api/after');
    await eventually('the new file has the line', async () =>
      (await appLines()).some((line) => line.includes('/api/after')),
    );
    assert.ok((await appLines('app.access.log.1')).some((line) => line.includes('/api/b.css')));
  });

  await t.test(
    'nginx -t is `fairlead check`, and what is live and why is in `fairlead routes` and `fairlead explain`',
    async () => {
      const typed = (...words: string[]) => site.compose('exec', '-T', 'fairlead', 'fairlead', ...words);
      assert.match(await typed('routes'), new RegExp(`^${site.host('app')} +/api/auth +live `, 'm'));
      const told = await typed('explain', `http://${site.host('app')}/api/auth/x.js`);
      assert.match(told, new RegExp(`^ROUTE ${site.host('app')}/api/auth$`, 'm'));
      assert.match(told, /^ {2}✓ limit: +1 in 1s by address, and 3 beyond it at once; then 429\. Now: let through/m);
    },
  );
});
