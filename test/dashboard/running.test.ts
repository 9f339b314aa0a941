import { test } from 'node:test';
import { testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { Window } from './browser.ts';

test('what a running proxy does is seen as it happens', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const env = { FAIRLEAD_DEFAULT_WAIT: '0', FAIRLEAD_DEFAULT_RETRIES: '0' };
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env });
  const window = await Window.open(t, `http://127.0.0.1:${proxy.adminPort}`);
  // The engine has containers of other tests too.
  await window.go(`/?q=${engine.mark}`);
  await window.see('connected');
  await window.see(/No routes yet|No route has this/);

  const { container, server } = await hostBackend(t, engine, {
    labels: { 'proxy.host': host, 'proxy.maxbody': '1m', 'proxy.timout': '3s' },
    answer: (request, response) => {
      response.statusCode = request.url === '/missing' ? 404 : 200;
      response.end('hello');
    },
  });
  const row = window.row(host);
  await window.see('live', row);
  for (let sent = 0; sent < 20; sent++) await proxy.get(host, '/');
  await proxy.get(host, '/missing');
  const cell = (head: string) => row.locator(`td[data-head="${head}"]`);
  await window.see('20', cell('2xx'));
  await window.see('1', cell('4xx'));
  await window.see(/^(0\.)?[1-9]/, cell('req/s'));
  await window.see(/ms$/, cell('p50'));
  await window.see('did you mean proxy.timeout?', window.page.locator('#problems'));

  server.close();
  server.closeAllConnections();
  await proxy.get(host, '/cart?token=hidden');
  await row.getByRole('link', { name: host }).click();
  const failed = window.row('GET /cart');
  await window.see('The site does not answer', failed);
  await window.miss('hidden', failed);
  await window.see(/label\s*proxy\.maxbody/, window.row('proxy.maxbody'));
  await window.see('fleet default FAIRLEAD_DEFAULT_WAIT', window.row('proxy.wait'));
  await failed.getByRole('link', { name: 'backend-refused' }).click();
  await window.see('nothing listens on the port');

  await container.stop({ t: 1 });
  await window.page.getByRole('link', { name: 'Routes' }).click();
  await window.page.getByRole('searchbox').fill(engine.mark);
  await window.see(/stopped: exited with code \d+/, row);
  const trouble = window.page.getByRole('region', { name: 'Not live, and why' });
  await window.see(new RegExp(`down.*${host}`, 's'), trouble.getByRole('listitem'));
  await container.remove({ force: true });
});
