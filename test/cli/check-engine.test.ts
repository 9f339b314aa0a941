import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryDirectory } from '../admin/admin-world.ts';
import { FakeEngine } from '../docker/fake-engine.ts';
import { fairlead } from './terminal.ts';

test('where no proxy runs the engine itself is checked', async (t) => {
  const engine = await FakeEngine.start(t);
  engine.add('app', { labels: { 'proxy.host': 'app.example.com', 'proxy.hots': 'x' } });
  const { code, out } = await fairlead(['check', '--docker', engine.endpoint]);
  assert.equal(code, 1);
  assert.match(out, /✗ app: proxy\.hots=x/);
  assert.match(out, /\n1 error in unix:.* \(1 route\)\n$/);
});

test('of a running engine it is said what only a file would show otherwise: unexposed ports, and words that are nearly ours', async (t) => {
  const engine = await FakeEngine.start(t);
  engine.add('app', { labels: { 'proxy.host': 'app.example.com', 'proxy.port': '3000', 'proxi.limit': '1/s' } });
  const { code, out } = await fairlead(['check', '--docker', engine.endpoint]);
  assert.equal(code, 1);
  assert.match(out, /· app: proxy\.port=3000\n {4}expected: a port that it exposes \(80\)/);
  assert.match(out, /! app: proxi\.limit\n.*\n {4}did you mean `proxy\.limit`\?/);
});

test('an engine that cannot be asked is exit code 2, with what to do', async (t) => {
  const { code, err } = await fairlead(['check', '--docker', `unix://${temporaryDirectory(t)}/none.sock`]);
  assert.equal(code, 2);
  assert.match(err, /no proxy runs here, and unix:.*none\.sock cannot be asked: /);
});
