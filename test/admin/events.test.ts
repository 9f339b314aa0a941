import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { AdminSettings } from '../../src/admin/admin-context.ts';
import { EventFeed, listenersMax } from '../../src/admin/event-feed.ts';
import { EventListener } from '../../src/admin/event-listener.ts';
import { eventually } from '../support/engine.ts';
import { listenTo } from '../support/event-stream.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { adminOver } from './admin-world.ts';

async function world(t: TestContext, settings: Partial<AdminSettings> = {}) {
  const clock = new FakeClock();
  const feed = new EventFeed(clock);
  const admin = await adminOver(t, { events: feed }, settings);
  const listen = (headers: Record<string, string> = {}) => listenTo(t, { port: admin.port as number, headers });
  const tell = (version: number) => feed.tell({ name: 'table', data: { version } });
  return { clock, feed, admin, listen, tell };
}

test('whoever listens hears what happens from then on, with id, name and time', async (t) => {
  const { listen, tell, feed, clock } = await world(t);
  tell(1);
  const stream = await listen();
  assert.equal(stream.response.statusCode, 200);
  assert.equal(stream.response.headers['content-type'], 'text/event-stream');
  assert.equal(stream.response.headers['cache-control'], 'no-store');
  tell(2);
  feed.tell({ name: 'health', data: { container: 'web-1', state: 'unhealthy', reason: 'two\nlines' } });
  const [table, health] = [await stream.next(), await stream.next()];
  assert.deepEqual([table?.event, table?.data.version], ['table', 2]);
  assert.equal(table?.data.at, new Date(clock.now()).toISOString());
  assert.deepEqual([health?.event, health?.data.reason], ['health', 'two\nlines']);
  assert.notEqual(table?.id, health?.id);
});

test('who comes back with the last id hears what it has missed', async (t) => {
  const { listen, tell } = await world(t);
  const first = await listen();
  tell(1);
  const heard = await first.next();
  first.leave();
  tell(2);
  tell(3);
  const again = await listen({ 'Last-Event-ID': heard?.id as string });
  assert.deepEqual([(await again.next())?.data.version, (await again.next())?.data.version], [2, 3]);
});

test('who was away for too long is told how much it has missed, and after a restart that nobody knows', async (t) => {
  const { listen, tell } = await world(t);
  const first = await listen();
  tell(0);
  const heard = await first.next();
  for (let version = 1; version <= 300; version++) tell(version);
  const late = await listen({ 'Last-Event-ID': heard?.id as string });
  const [dropped, oldest] = [await late.next(), await late.next()];
  assert.deepEqual([dropped?.event, dropped?.data.events, dropped?.id], ['dropped', 44, null]);
  assert.equal(oldest?.data.version, 45);
  for (const id of ['otherlife-7', 'nonsense', '', `${heard?.id}999999`]) {
    const stranger = await listen({ 'Last-Event-ID': id });
    tell(1_000);
    const first = await stranger.next();
    assert.deepEqual([first?.event, first?.data.events], ['dropped', null], id);
    assert.equal((await stranger.next())?.data.version, 1_000);
  }
});

test('where nothing happens, a comment shows now and then that the connection lives', async (t) => {
  const { listen, clock, feed } = await world(t);
  const stream = await listen();
  clock.advance(15_000);
  clock.advance(15_000);
  await eventually('both have come', async () => stream.comments.length === 2);
  stream.leave();
  await eventually('it has left', async () => feed.listeners === 0);
  assert.equal(clock.pending, 0);
});

test('as many listen as may, and one that leaves makes room', async (t) => {
  const { listen, feed, admin } = await world(t);
  const streams = await Promise.all(Array.from({ length: listenersMax }, () => listen()));
  const refused = await admin.ask('/events');
  assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '10']);
  streams[0]?.leave();
  await eventually('it has left', async () => feed.listeners === listenersMax - 1);
  assert.equal((await listen()).response.statusCode, 200);
});

test('HEAD and strangers take no place', async (t) => {
  const { feed, admin } = await world(t, { adminToken: 'secret' });
  assert.equal((await admin.ask('/events')).status, 401);
  const authorization = 'Bearer secret';
  const { status, headers } = await admin.ask('/events', { method: 'HEAD', headers: { authorization } });
  assert.deepEqual([status, headers['content-type']], [200, 'text/event-stream']);
  await eventually('its place is free', async () => feed.listeners === 0);
});

test('a stream ends with the feed, and nobody is let in after', async (t) => {
  const { listen, feed, admin } = await world(t);
  const stream = await listen();
  feed.close();
  assert.equal(await stream.next(), null);
  assert.equal((await admin.ask('/events')).status, 503);
  assert.equal(feed.listeners, 0);
});

test('who reads slowly loses events and not the proxy its memory: what is lost is told where it was lost', async () => {
  const listener = new EventListener(() => {});
  for (let i = 0; i < 600; i++) listener.push(`${i}`);
  const take = async (count: number): Promise<unknown[]> => {
    const texts: unknown[] = [];
    for (let i = 0; i < count; i++) texts.push((await listener.next()).value);
    return texts;
  };
  assert.deepEqual((await take(510)).at(-1), '509');
  listener.push('new');
  assert.deepEqual(await take(4), ['510', '511', 'event: dropped\ndata: {"events":88}\n\n', 'new']);
  const waiting = listener.next();
  listener.push('then');
  assert.equal((await waiting).value, 'then');
});

test('a listener that takes nothing keeps a bounded number of events, whatever happens meanwhile', async (t) => {
  const { admin, feed } = await world(t);
  const socket = connect(admin.port as number, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write('GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await eventually('it listens', async () => feed.listeners === 1);
  const text = 'x'.repeat(10_000);
  for (let round = 0; round < 30; round++) {
    for (let i = 0; i < 100; i++) feed.tell({ name: 'table', data: { text } });
    await new Promise(setImmediate);
  }
  let heard = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    heard += piece;
    if (heard.length > 200_000) heard = heard.slice(-100_000);
    dropped ||= /event: dropped\ndata: \{"events":\d+\}/.test(heard);
  });
  let dropped = false;
  await eventually('it is told that it has lost some', async () => {
    feed.tell({ name: 'table', data: {} });
    return dropped;
  });
});
