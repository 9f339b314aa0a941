import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tunnels } from '../../src/proxy/tunnels.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { aPeer } from '../upstream/builders.ts';

function scene() {
  const clock = new FakeClock();
  const tunnels = new Tunnels(clock);
  const codes: number[] = [];
  const open = (peer = aPeer({ drainMs: 5_000 })) => {
    const call = { close: (code: number) => void codes.push(code), sever: () => {} };
    tunnels.add(peer, call);
    return { peer, call };
  };
  return { clock, tunnels, codes, open };
}

test('a tunnel is taken leave of when the time of its leaving container is over, and not before', () => {
  const { clock, codes, open } = scene();
  const { peer } = open();
  open();
  clock.advance(60_000);
  peer.state = 'draining';
  clock.advance(4_900);
  assert.deepEqual(codes, []);
  clock.advance(600);
  assert.equal(codes[0], 1001);
});

test('one whose container ends, or leaves the table, meanwhile is taken leave of all the same', () => {
  const { clock, codes, open } = scene();
  const { peer } = open();
  peer.state = 'draining';
  clock.advance(1_000);
  peer.state = 'stopped';
  clock.advance(4_500);
  assert.ok(codes.length > 0);
});

test('one whose container survives its signal stays, and so does one of a container without weight', () => {
  const { clock, codes, open } = scene();
  const { peer } = open();
  peer.state = 'draining';
  clock.advance(4_000);
  peer.state = 'healthy';
  const { peer: weightless } = open(aPeer({ weight: 0, drainMs: 5_000 }));
  weightless.state = 'draining';
  clock.advance(60_000);
  assert.deepEqual(codes, []);
});

test('one that no table names any more stays', () => {
  const { clock, codes, open } = scene();
  const { peer } = open();
  peer.state = 'stopped';
  clock.advance(60_000);
  assert.deepEqual(codes, []);
});

test('all are taken leave of at the end, and none that has ended', () => {
  const { clock, tunnels, codes, open } = scene();
  const ended = open();
  open();
  tunnels.delete(ended.peer, ended.call);
  assert.equal(tunnels.size, 1);
  tunnels.closeAll();
  assert.deepEqual(codes, [1001]);
  clock.advance(1_000);
});
