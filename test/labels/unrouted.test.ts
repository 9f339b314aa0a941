import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '../../src/docker/container.ts';
import { readDefaults } from '../../src/labels/defaults.ts';
import { isProxyLabel } from '../../src/labels/label-key.ts';
import { readLabels } from '../../src/labels/read-labels.ts';
import { shownLabels } from '../../src/labels/shown-labels.ts';
import { unroutedOf } from '../../src/routing/unrouted.ts';
import { fc } from '../support/properties.ts';
import { container } from './case-text.ts';

type Labels = Record<string, string>;

/** Why a container with these labels has no route, and what to do; null where it has one, or asks for none. */
function reasonFor(labels: Labels, about: Partial<Container> = {}, env: Labels = {}): [string, string] | null {
  const one = container(labels, about);
  const [unrouted] = unroutedOf([{ container: one, reading: readLabels(one, readDefaults(env).defaults) }]);
  return unrouted === undefined ? null : [unrouted.why, unrouted.suggestion];
}

test('a container that is routed, or says nothing to the proxy, has no reason', () => {
  assert.equal(reasonFor({ 'proxy.host': 'app.test' }), null);
  assert.equal(reasonFor({}), null);
  assert.equal(reasonFor({ 'com.example.host': 'app.test', 'org.opencontainers.image.title': 'x' }), null);
  assert.equal(reasonFor({ 'proxy.enable': 'false' }, { state: 'removed' }), null);
});

test('a container that is hidden is told by what hides it', () => {
  assert.deepEqual(reasonFor({ 'proxy.enable': 'no', 'proxy.host': 'app.test' }), ['`proxy.enable=no` hides it', '']);
  const [why, suggestion] = reasonFor({ 'proxy.host': 'app.test' }, {}, { FAIRLEAD_DEFAULT_ENABLE: 'false' }) ?? [];
  assert.equal(why, '`FAIRLEAD_DEFAULT_ENABLE=false` hides it');
  assert.match(suggestion ?? '', /^add `proxy\.enable=true`/);
});

test('a one-off of compose is told to be one', () => {
  const oneOff = { oneOff: true };
  const [why, suggestion] = reasonFor({ 'proxy.host': 'app.test' }, oneOff) ?? [];
  assert.match(why ?? '', /^it is a one-off of compose/);
  assert.match(suggestion ?? '', /^add `proxy\.enable=true`/);
  assert.deepEqual(reasonFor({ 'proxy.enable': 'off' }, oneOff), ['`proxy.enable=off` hides it', '']);
  assert.match(
    reasonFor({ 'proxy.host': 'a.test' }, oneOff, { FAIRLEAD_DEFAULT_ENABLE: 'true' })?.[0] ?? '',
    /one-off/,
  );
  assert.equal(reasonFor({ 'proxy.host': 'app.test', 'proxy.enable': 'true' }, oneOff), null);
});

test('without a host nothing is routed, unless its label is there and misspelt or broken', () => {
  assert.deepEqual(reasonFor({ 'proxy.port': '80' }), [
    'it has no `proxy.host`, and nothing is routed without one',
    '`proxy.host=app.example.com`',
  ]);
  assert.deepEqual(reasonFor({ 'proxy.hots': 'app.test' }), [
    '`proxy.hots=app.test`: expected: a known option (see docs/labels.md)',
    'did you mean `proxy.host`?',
  ]);
  const [why, suggestion] = reasonFor({ 'proxy.host': 'https://app.test/' }) ?? [];
  assert.match(why ?? '', /^`proxy\.host=https:\/\/app\.test\/`: expected: /);
  assert.match(suggestion ?? '', /^did you mean `proxy\.host=app\.test`/);
  assert.match(reasonFor({ 'proxy.api.path': '/api' })?.[0] ?? '', /^expected: a host for route `api`/);
});

test('a route that cannot be served for its path is told by the label', () => {
  const [why] = reasonFor({ 'proxy.host': 'app.test', 'proxy.path': '~(' }) ?? [];
  assert.match(why ?? '', /^`proxy\.path=~\(`: expected: /);
  const [named] = reasonFor({ 'proxy.api.host': 'app.test', 'proxy.api.path': 'no slash here ~(' }) ?? [];
  assert.match(named ?? '', /^`proxy\.api\.path=/);
});

test('where all its routes are switched off, that is why', () => {
  const labels = { 'proxy.api.host': 'app.test', 'proxy.api.enable': 'false' };
  assert.deepEqual(reasonFor(labels), ['`proxy.api.enable` is off, and there is no other route', '']);
});

test('below HTTP nothing is served yet', () => {
  assert.match(reasonFor({ 'proxy.tcp': '5432' })?.[0] ?? '', /^`proxy\.tcp=5432`: not yet active/);
});

test('a container without any port is told to name it', () => {
  const none = { exposedPorts: [] };
  assert.deepEqual(reasonFor({ 'proxy.host': 'app.test' }, none), [
    'no port: it exposes none and has no proxy.port, so its routes lead nowhere',
    'add the port the application listens on: proxy.port=8080',
  ]);
  assert.equal(reasonFor({ 'proxy.host': 'app.test', 'proxy.port': '3000' }, none), null);
  assert.equal(reasonFor({ 'proxy.host': 'app.test', 'proxy.redirect': 'https://b.test{uri}' }, none), null);
});

test('a label whose first word is misspelt is told', () => {
  assert.deepEqual(reasonFor({ 'porxy.host': 'app.test' }), [
    '`porxy.host`: expected: a label that begins with `proxy.`: this one is not read',
    'did you mean `proxy.host`?',
  ]);
  assert.deepEqual(shownLabels({ labels: { 'porxy.auth.users': 'ann:secret', 'porxy.host': 'a.test' } }), [
    { name: 'porxy.auth.users', value: '…' },
    { name: 'porxy.host', value: 'a.test' },
  ]);
});

const someLabels = fc.dictionary(
  fc.constantFrom(
    ...[
      'proxy.host',
      'proxy.enable',
      'proxy.path',
      'proxy.port',
      'proxy.tcp',
      'proxy.hots',
      'proxy',
      'PROXY.HOST',
      'other.host',
    ],
    ...['proxy.api.host', 'proxy.api.path', 'proxy.api.enable', 'proxy.x.y.z', 'proxy.match', 'proxy.auth.users'],
  ),
  fc.constantFrom('app.test', 'false', 'true', '/api', '~(', '', 'http://x/', '*', 'method=GET', '80'),
);

test('whoever has labels for the proxy has a route or a reason, and never both', () => {
  fc.assert(
    fc.property(someLabels, fc.boolean(), (labels, oneOff) => {
      const { specs, unrouted } = readLabels(container(labels, { oneOff }));
      const asks = Object.keys(labels).some(isProxyLabel);
      assert.equal(unrouted !== null, asks && specs.length === 0);
      if (unrouted !== null) assert.ok(unrouted.why.length > 10, unrouted.why);
    }),
    { numRuns: 500 },
  );
});

test('secrets are not shown, nor more labels than a person reads', () => {
  const labels = {
    ...{
      'proxy.auth': 'basic users=ann:tops3cret',
      'proxy.auth.users': 'ann:tops3cret',
      'proxy.api.auth.users': 'tops3cret',
    },
    ...{
      'proxy.auht.users': 'tops3cret',
      'proxy.reqheader.Authorization': 'Bearer tops3cret',
      'other.secret': 'tops3cret',
      'proxy.reqheader': 'Authorization: Bearer tops3cret',
      'proxy.api.header.': 'Set-Cookie: a=tops3cret',
      'proxy.host': 'https://ann:tops3cret@app.test',
      'proxy.redirect': 'https://ann:tops3cret@new.test{uri}',
      'proxy.mirror': 'http://tops3cret@shadow:80',
    },
    ...Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`proxy.r${i}.port`, '80'])),
  };
  const shown = shownLabels({ labels });
  assert.equal(shown.length, 20);
  assert.doesNotMatch(JSON.stringify(shown), /tops3cret|other/);
  assert.ok(shown.some(({ name, value }) => name === 'proxy.auth.users' && value === '…'));
  const { problems, unrouted } = readLabels(container(labels));
  assert.doesNotMatch(JSON.stringify([problems, unrouted]), /tops3cret/);
});
