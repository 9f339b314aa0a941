import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../../../src/tls/keeper/attempt.ts';
import type { HeldCertificate } from '../../../src/tls/keeper/keeper-tools.ts';
import type { OrderTurn, OrderTurns } from '../../../src/tls/keeper/order-turns.ts';
import { failure } from '../acme/failures.ts';
import { day, KeeperWorld, minute } from './keeper-world.ts';

/** A keeper whose turns the test gives out, with what came of those that were its own. */
async function keeperWith(turn: (held: HeldCertificate | null) => OrderTurn | 'ours') {
  const world = await KeeperWorld.start();
  const outcomes: Outcome[] = [];
  const state = { turn };
  const turns: OrderTurns = {
    take: async (_, { held }) => {
      const given = state.turn(held);
      const end = async (outcome: Outcome) => void outcomes.push(outcome);
      return given === 'ours' ? { kind: 'ours', end } : given;
    },
  };
  world.turns = turns;
  await world.restart();
  const other = async (names: string[], about: { lifeMs?: number } = {}): Promise<HeldCertificate> => {
    const { name, directoryUrl } = world.issuers[0] ?? assert.fail();
    const certificate = await world.certificate(names, about);
    return { certificate, issuer: name, directoryUrl, wantedId: `acme:${names[0]}` };
  };
  return { world, outcomes, state, other };
}

test('in its turn a proxy orders, and tells what came of it', async () => {
  const { world, outcomes } = await keeperWith(() => 'ours');
  await world.routes('a.example.com');
  assert.equal(world.view('a.example.com').state, 'valid');
  const [outcome] = outcomes;
  assert.equal(outcome?.kind === 'issued' && outcome.held.wantedId, 'acme:a.example.com');
  world.play = () => failure('challenge');
  await world.routes('a.example.com', 'b.example.com');
  assert.equal(outcomes.at(-1)?.kind, 'failed');
});

test('what another has had issued is shown, kept, and not ordered', async () => {
  const { world, state, other } = await keeperWith(() => 'ours');
  const held = await other(['a.example.com']);
  state.turn = () => ({ kind: 'found', held });
  await world.routes('a.example.com');
  assert.equal(world.shownNames('a.example.com'), 'a.example.com');
  assert.deepEqual([world.placed.length, world.held], [0, [held]]);
  // Its renewal is a turn again.
  const next = await other(['a.example.com'], { lifeMs: 200 * day });
  state.turn = () => ({ kind: 'found', held: next });
  await world.pass(80 * day, 60 * minute);
  assert.deepEqual([world.placed.length, world.held], [0, [next]]);
});

test('while another orders, a proxy waits, says so, and takes what it is offered', async () => {
  const { world, state, other } = await keeperWith(() => 'ours');
  let asked = 0;
  state.turn = () => {
    asked++;
    return { kind: 'theirs', notBeforeMs: world.clock.now() + minute, why: 'another proxy orders it' };
  };
  await world.routes('a.example.com');
  const { state: shown, why } = world.view('a.example.com');
  assert.deepEqual([shown, why], ['waiting', 'No order yet: another proxy orders it.']);
  await world.pass(3 * minute);
  assert.ok(asked === 4 || asked === 3, String(asked));
  const held = await other(['a.example.com']);
  world.keeper.offer(held);
  await world.quiet();
  assert.equal(world.shownNames('a.example.com'), 'a.example.com');
  assert.deepEqual([world.placed.length, world.held], [0, [held]]);
});

test('what does not serve, or is no better, is not taken', async () => {
  const { world, other } = await keeperWith(() => 'ours');
  await world.routes('a.example.com');
  const own = world.shown('a.example.com')?.certificate;
  const wrong = { ...(await other(['b.example.com'], { lifeMs: 200 * day })), wantedId: 'acme:a.example.com' };
  const staging = {
    ...(await other(['a.example.com'], { lifeMs: 200 * day })),
    directoryUrl: 'https://elsewhere.test',
  };
  const short = await other(['a.example.com'], { lifeMs: day });
  const unwanted = await other(['c.example.com']);
  for (const held of [wrong, staging, short, unwanted]) world.keeper.offer(held);
  await world.quiet();
  assert.equal(world.shown('a.example.com')?.certificate, own);
  assert.equal(world.held.length, 1);
});
