import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackendState } from '../../src/routing/table.ts';
import { pick } from '../../src/upstream/pick.ts';
import { Rotation } from '../../src/upstream/rotation.ts';
import { aPeer } from './builders.ts';

const none = new Set<never>();
const inStates = (...states: BackendState[]) => states.map((state) => aPeer({ state }));

test('only healthy peers with a weight are picked', () => {
  const good = aPeer({});
  const peers = [
    ...inStates('starting', 'unhealthy', 'draining', 'stopped', 'paused', 'unreachable'),
    aPeer({ weight: 0 }),
    good,
  ];
  for (let i = 0; i < 5; i++) assert.equal(pick(peers, new Rotation(), none), good);
});

test('a peer that has failed the request is not asked again', () => {
  const [a, b] = [aPeer({}), aPeer({})];
  assert.equal(pick([a, b], new Rotation(), new Set([a])), b);
  assert.equal(pick([a, b], new Rotation(), new Set([a, b])), 'no-backend');
});

test('without a peer the most hopeful state gives the reason', () => {
  assert.equal(pick([], new Rotation(), none), 'no-backend');
  assert.equal(pick(inStates('stopped', 'starting'), new Rotation(), none), 'backend-starting');
  assert.equal(pick(inStates('unreachable'), new Rotation(), none), 'unreachable-network');
  // Without a port no network would help.
  assert.equal(pick([aPeer({ state: 'unreachable', host: '', port: 0 })], new Rotation(), none), 'no-backend');
  assert.equal(pick(inStates('unreachable', 'stopped'), new Rotation(), none), 'no-backend');
});
