import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Waiter, WaitingRoom } from '../../src/upstream/waiting-room.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { fc } from '../support/properties.ts';

/** A room, and backends that can take so many more requests. */
function scene(limits: { routeMax?: number; allMax?: number } = {}) {
  const clock = new FakeClock();
  const room = new WaitingRoom({ clock, ...limits });
  const gone: string[] = [];
  let slots = 0;
  const waiter = (name: string, untilMs = 10_000): Waiter => ({
    untilMs,
    look(nowMs) {
      if (slots > 0) slots--;
      else if (nowMs < untilMs) return 'nobody';
      else {
        gone.push(`${name} late`);
        return 'gone';
      }
      gone.push(name);
      return 'gone';
    },
  });
  const offer = (count: number): void => {
    slots = count;
    room.look();
  };
  return { clock, room, gone, waiter, offer };
}

test('they go in the order in which they came, no more than can be taken', () => {
  const { room, gone, waiter, offer } = scene();
  for (const name of ['a', 'b', 'c']) assert.ok(room.enter('app/', waiter(name)));
  offer(2);
  assert.deepEqual(gone, ['a', 'b']);
  offer(5);
  assert.deepEqual(gone, ['a', 'b', 'c']);
  assert.equal(room.size, 0);
});

test('one whose client has left is no longer there, and keeps nobody waiting', () => {
  const { room, gone, waiter, offer } = scene();
  const first = waiter('a');
  room.enter('app/', first);
  room.enter('app/', waiter('b'));
  room.leave('app/', first);
  room.leave('app/', first);
  assert.equal(room.size, 1);
  offer(1);
  assert.deepEqual(gone, ['b']);
});

test('one that cannot go for a reason of its own does not hold up those behind it', () => {
  const { room, gone, waiter, offer } = scene();
  room.enter('app/', { untilMs: 10_000, look: () => 'later' });
  room.enter('app/', waiter('b'));
  offer(1);
  assert.deepEqual(gone, ['b']);
});

test('each is looked after when its own time is over, wherever it stands', () => {
  const { clock, gone, room, waiter } = scene();
  room.enter('app/', waiter('patient', 9_000));
  room.enter('app/', waiter('hasty', 100));
  clock.advance(100);
  assert.deepEqual(gone, ['hasty late']);
  clock.advance(8_900);
  assert.deepEqual(gone, ['hasty late', 'patient late']);
});

test('what nobody tells of is noticed, and an empty room asks for no time', () => {
  const { clock, room, waiter, gone } = scene();
  let there = false;
  room.enter('app/', { untilMs: 10_000, look: () => (there ? 'gone' : 'nobody') });
  room.enter('other/', waiter('b', 60));
  clock.advance(50);
  there = true;
  clock.advance(50);
  assert.deepEqual([room.size, gone], [0, ['b late']]);
  assert.equal(clock.pending, 0);
});

test('the routes do not wait for each other', () => {
  const { room } = scene();
  const seen: string[] = [];
  for (const route of ['a/', 'b/']) {
    const look = (): 'nobody' => {
      seen.push(route);
      return 'nobody';
    };
    room.enter(route, { untilMs: 10_000, look });
  }
  room.look();
  assert.deepEqual(seen, ['a/', 'b/']);
});

test('it is full by route and in all, and whoever goes makes room', () => {
  const { room, waiter, offer } = scene({ routeMax: 2, allMax: 3 });
  assert.deepEqual(
    ['a/', 'a/', 'a/', 'b/', 'b/'].map((route) => room.enter(route, waiter(route))),
    [true, true, false, true, false],
  );
  offer(1);
  assert.ok(room.enter('b/', waiter('b')));
});

test('whatever comes and goes, nobody is lost, none goes twice, and each route keeps its order', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('enter' as const), route: fc.nat(2) }),
    fc.record({ do: fc.constant('leave' as const), at: fc.nat(20) }),
    fc.record({ do: fc.constant('offer' as const), count: fc.nat(4) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { room, gone, waiter, offer } = scene();
      const inside: { name: string; route: string; waiter: Waiter }[] = [];
      const left = new Set<string>();
      let made = 0;
      for (const one of steps) {
        if (one.do === 'enter') {
          const name = `${one.route} ${made++}`;
          const entry = { name, route: String(one.route), waiter: waiter(name) };
          assert.ok(room.enter(entry.route, entry.waiter));
          inside.push(entry);
        } else if (one.do === 'leave') {
          const entry = inside[one.at];
          if (entry === undefined || gone.includes(entry.name)) continue;
          room.leave(entry.route, entry.waiter);
          left.add(entry.name);
        } else offer(one.count);
      }
      assert.equal(room.size, inside.length - gone.length - left.size);
      assert.equal(new Set(gone).size, gone.length);
      for (const route of ['0', '1', '2']) {
        const order = gone.filter((name) => name.startsWith(route)).map((name) => Number(name.split(' ')[1]));
        assert.deepEqual(
          order,
          order.toSorted((a, b) => a - b),
        );
      }
    }),
  );
});
