import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '../../src/docker/container.ts';
import { compareTables } from '../../src/routing/compare.ts';
import { build, closing, type Labelled, labelled } from './builders.ts';

function compared(before: readonly Labelled[], after: readonly Labelled[]) {
  return compareTables(build(before).table, build(after).table);
}

function changed(one: Labelled, about: Partial<Container>): Labelled {
  return { ...one, container: { ...one.container, ...about } };
}

const app = labelled({});
const other = labelled({ host: 'other.example' });

test('the same containers are no difference', () => {
  assert.deepEqual(compared([app, other], [other, app]), { added: [], removed: [], changed: [] });
});

test('routes that come and go are named by id', () => {
  assert.deepEqual(compared([app], [other]), { added: ['other.example/'], removed: ['app.example.com/'], changed: [] });
});

test('a container that joins or leaves changes the backends', () => {
  const what = [{ id: 'app.example.com/', what: ['backends'] }];
  const second = labelled({});
  assert.deepEqual(compared([app], [app, second]).changed, what);
  assert.deepEqual(compared([app, second], [app]).changed, what);
  assert.deepEqual(compared([app], [second]).changed, what);
});

test('a container that fails its health check changes the state alone', () => {
  const [well, sick] = [changed(app, { health: 'healthy' }), changed(app, { health: 'unhealthy' })];
  assert.deepEqual(compared([well], [sick]).changed, [{ id: 'app.example.com/', what: ['state'] }]);
});

test('a container that was started anew changes the state, though it looks as before', () => {
  const restarted = changed(app, { changedMs: 2e12 });
  assert.deepEqual(compared([app], [restarted]).changed, [{ id: 'app.example.com/', what: ['state'] }]);
});

test('a container that was sent its stop signal changes the state alone', () => {
  const leaving = changed(app, { stopping: true });
  assert.deepEqual(compared([app], [leaving]).changed, [{ id: 'app.example.com/', what: ['state'] }]);
});

test('another option is named as such', () => {
  const { container } = app;
  const patient = { container, reading: labelled({ options: { timeout: 1 } }).reading };
  assert.deepEqual(compared([app], [patient]).changed, [{ id: 'app.example.com/', what: ['options'] }]);
});

test('a route that closes is served in another way', () => {
  const closed = { container: app.container, reading: labelled({ closedBy: [closing] }).reading };
  assert.deepEqual(compared([app], [closed]).changed, [{ id: 'app.example.com/', what: ['serving'] }]);
});
