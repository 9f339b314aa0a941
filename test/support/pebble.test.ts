import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { ask } from './ask-program.ts';
import { startPebble } from './pebble.ts';

test('pebble answers with its directory over HTTPS that its authority vouches for, and has a root of its own', async (t) => {
  const pebble = await startPebble(t);
  const { body } = await ask({ url: pebble.directoryUrl, ca: pebble.caPem });
  assert.match((JSON.parse(body) as { newOrder: string }).newOrder, /^https:\/\/127\.0\.0\.1:\d+\//);
  assert.match(new X509Certificate(await pebble.rootPem()).subject, /Pebble Root/);
});

test('two at a time do not meet', async (t) => {
  const [one, two] = await Promise.all([startPebble(t), startPebble(t)]);
  assert.notEqual(one.directoryUrl, two.directoryUrl);
  assert.notEqual(await one.rootPem(), await two.rootPem());
});
