import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, fairleadImage } from '../../support/engine.ts';
import { ask } from '../../support/proxy-process.ts';
import { GuideSite } from './guide-site.ts';

test('watching: stub_status, access_log, error_log, nginx -t, troubleshooting', async (t) => {
  const site = await GuideSite.up(t, { image: fairleadImage(), services: ['app-1'] });
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

  await t.test('each request leaves a line with the container, its time, and what the cache did', async () => {
    const answer = await site.get('app', '/api/app.css?v=1', { headers: { 'user-agent': 'a browser' } });
    const line = await eventually('the line is there', async () => (await site.accesses('app', '/api/app.css?v=1'))[0]);
    assert.deepEqual(
      [line.method, line.status, line.cache, line.userAgent, line.requestId],
      ['GET', 200, 'MISS', 'a browser', /^X-Request-Id: (.*)$/m.exec(answer.body)?.[1]],
    );
    assert.equal(line.container, (await (await site.container('app-1')).inspect()).Name.slice(1));
    assert.match(String(line.upstream), /:3000$/);
    for (const ms of [line.upstreamMs, line.totalMs]) assert.ok(typeof ms === 'number' && ms > 0);
  });

  await t.test(
    'nginx -t is `fairlead check`, and what is live and why is in `fairlead routes` and `fairlead explain`',
    async () => {
      const typed = (...words: string[]) => site.compose('exec', '-T', 'fairlead', 'fairlead', ...words);
      assert.match(await typed('routes'), new RegExp(`^${site.host('app')} +/api/auth +live `, 'm'));
      const told = await typed('explain', `http://${site.host('app')}/api/auth/x.js`);
      assert.match(told, new RegExp(`^ROUTE ${site.host('app')}/api/auth$`, 'm'));
      assert.match(told, /^ {2}limit: 1 in 1s by address, and 3 beyond it at once; then 429$/m);
    },
  );
});
