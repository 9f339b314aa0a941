import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engine } from '../routing/builders.ts';
import { adminOver, labelledContainer } from './admin-world.ts';

test('the page shows routes, backends and problems with the mend, and loads nothing from elsewhere', async (t) => {
  const labels = { 'proxy.host': 'app.example.com', 'proxy.hots': 'x' };
  const { ask } = await adminOver(t, { containers: [labelledContainer(labels, { name: 'app-1' })] });
  const { body, headers } = await ask('/', { headers: { accept: 'text/html' } });
  assert.match(headers['content-type'] ?? '', /^text\/html/);
  for (const said of ['app.example.com', 'app-1', '172.20.0.2:8080', 'proxy.hots=x', 'proxy.host', '<form'])
    assert.ok(body.includes(said), said);
  assert.doesNotMatch(body, /(src|href)="(https?:)?\/\//);
});

test('whatever a container is called or says is text, never markup', async (t) => {
  const labels = { 'proxy.host': 'app.example.com', 'proxy.<img src=x>': '<script>alert(1)</script>' };
  const evil = labelledContainer(labels, { name: '<b>"\'&', state: 'exited' });
  const engines = [engine({ connected: false, error: '<i>x</i>' })];
  const { ask } = await adminOver(t, { containers: [evil], engines, dataPlane: { warnings: ['<u>'] } });
  const { body } = await ask('/');
  assert.doesNotMatch(body, /<(img|script|b|i|u)[ >]/);
});

test('without routes it says what to do', async (t) => {
  const { ask } = await adminOver(t);
  assert.match((await ask('/')).body, /proxy\.host=app\.example\.com/);
});
