import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from './failures.ts';
import { day, hour, LedgerDesk, minute, order, whyNot } from './ledger-desk.ts';

const app = order('app.example.com');
const refused = failure('challenge', { type: 'connection' });

async function desk(): Promise<LedgerDesk> {
  const made = new LedgerDesk();
  await made.start();
  return made;
}

test('an order that nobody has tried may be made, in production', async () => {
  const at = await desk();
  assert.deepEqual(at.ledger.mayOrder(app), { ok: true, where: 'production' });
});

test('waits begin at a minute, double, and end at a day', async () => {
  const at = await desk();
  const waits: number[] = [];
  for (let i = 0; i < 13; i++) {
    await at.failNext(app, refused);
    waits.push(at.waitOf(app) / minute);
  }
  // After the third the hour has to pass as well: 60 - 1 - 2 minutes since the first.
  assert.deepEqual(waits, [1, 2, 57, 8, 16, 36, 64, 128, 256, 512, 1024, 1440, 1440]);
});

test('chance makes waits longer, by a tenth at most, and never shorter', async () => {
  const at = await desk();
  at.random = 0.999;
  await at.failNext(app, refused);
  assert.ok(at.waitOf(app) > minute && at.waitOf(app) <= 1.1 * minute);
});

test('no more than three orders of a name fail in an hour, whatever it is ordered with', async () => {
  const at = await desk();
  const startMs = at.trueMs;
  for (const names of ['app.example.com', 'app.example.com b.example.com', 'app.example.com c.example.com'])
    await at.failNext(order(names), failure('challenge', { type: 'dns', names: ['app.example.com'] }));
  assert.ok(at.trueMs - startMs < hour);
  const next = order('app.example.com d.example.com');
  assert.equal(at.trueMs + at.waitOf(next), startMs + hour);
  assert.match(whyNot(at.ledger.mayOrder(next)), /app\.example\.com failed 3 times in an hour/);
});

test('only the names that failed wait', async () => {
  const at = await desk();
  const failed = failure('challenge', { type: 'unauthorized', names: ['b.example.com'] });
  await at.failNext(order('a.example.com b.example.com'), failed);
  assert.equal(at.waitOf(order('a.example.com c.example.com')), 0);
  assert.equal(at.waitOf(order('b.example.com')), minute);
});

test("the issuer's Retry-After counts, for a person who asks too", async () => {
  const at = await desk();
  const limited = failure('order', {
    type: 'rateLimited',
    status: 429,
    detail: 'too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s',
    retryAfterMs: at.trueMs + 5 * hour,
  });
  await at.failNext(app, limited);
  assert.equal(at.waitOf(app), 5 * hour);
  assert.equal(at.waitOf({ ...app, purpose: 'asked' }), 5 * hour);
  assert.equal(at.waitOf(order('b.example.com')), 0);
});

test('a Retry-After of years is no reason to wait for years', async () => {
  const at = await desk();
  await at.failNext(app, failure('challenge', { retryAfterMs: at.trueMs + 3650 * day }));
  assert.equal(at.waitOf(app), 7 * day);
});

test('a person who asks need not wait for our own back-off', async () => {
  const at = await desk();
  await at.failNext(app, refused);
  assert.equal(at.waitOf({ ...app, purpose: 'asked' }), 0);
});

test('after the third failure in a row staging is asked, and production again only when that went well', async () => {
  const at = await desk();
  const places: string[] = [];
  for (let i = 0; i < 5; i++) places.push(await at.failNext(app, refused));
  places.push(await at.succeedNext(app));
  assert.equal(at.waitOf(app), 0);
  places.push(await at.failNext(app, refused));
  places.push(await at.succeedNext(app), await at.succeedNext(app), await at.succeedNext(app));
  assert.deepEqual(places, [
    ...['production', 'production', 'production', 'staging', 'staging', 'staging'],
    ...['production', 'staging', 'production', 'production'],
  ]);
  assert.equal(at.ledger.failures(app.names, 'default'), 0);
});

test('an issuer without staging is asked where it can be', async () => {
  const at = await desk();
  const alone = { ...app, hasStaging: false };
  for (let i = 0; i < 4; i++) assert.equal(await at.failNext(alone, refused), 'production');
});

test('a rehearsal goes to staging at once, whatever happened before, and leaves no trace but in its budget', async () => {
  const at = await desk();
  await at.failNext(app, refused);
  const rehearsal = order('app.example.com', { purpose: 'rehearsal' });
  assert.equal(await at.failNext(rehearsal, refused), 'staging');
  assert.equal(await at.succeedNext(rehearsal), 'staging');
  assert.equal(at.ledger.failures(app.names, 'default'), 1);
  assert.equal(at.waitOf(app), minute);
});

test('names that do not reach us wait for a quarter of an hour at most, and spend nothing', async () => {
  const at = await desk();
  for (let i = 0; i < 300; i++) await at.failNext(app, failure('preflight'));
  assert.equal(at.waitOf(app), 15 * minute);
  assert.match(whyNot(at.ledger.mayOrder(app)), /does not reach us yet/);
  assert.equal(await at.succeedNext(app), 'production');
});

test('an issuer that does not work is asked by one order at a time, and everybody waits', async () => {
  const at = await desk();
  const down = failure('directory', { detail: 'connect ECONNREFUSED' });
  const other = order('b.example.com');
  for (let i = 0; i < 12; i++) await at.failNext(i % 2 === 0 ? app : other, down);
  assert.equal(at.waitOf(app), hour);
  assert.equal(at.waitOf(other), hour);
  assert.equal(at.waitOf(order('b.example.com', { issuer: 'zerossl' })), 0);
  at.wait(hour);
  const first = await at.begin(app);
  assert.match(whyNot(at.ledger.mayOrder(other)), /one order tries first/);
  await at.ledger.succeed(first, { lifeMs: 90 * day });
  assert.equal(at.waitOf(other), 0);
});

test('a limit of the account holds up everybody, a limit of a name only that', async () => {
  const at = await desk();
  const account = failure('order', {
    type: 'rateLimited',
    detail: 'too many new orders (300) from this account in the last 3h0m0s',
    retryAfterMs: at.trueMs + 3 * hour,
  });
  await at.failNext(app, account);
  assert.equal(at.waitOf(order('b.example.com')), 3 * hour);
});

test('one name, one order at a time', async () => {
  const at = await desk();
  await at.begin(order('a.example.com b.example.com'));
  assert.match(whyNot(at.ledger.mayOrder(order('b.example.com c.example.com'))), /b\.example\.com is under way/);
  assert.equal(at.waitOf(order('c.example.com')), 0);
  const again = await at.ledger.begin(order('b.example.com'));
  assert.equal(again.ok, false);
});

test('no more than 240 orders in three hours, of which handshakes may ask for the first half only', async () => {
  const at = await desk();
  const startMs = at.trueMs;
  for (let i = 0; i < 240; i++) {
    const next = order(`app.d${i}.example`);
    if (i === 120) assert.equal(at.waitOf({ ...next, purpose: 'on-demand' }), 3 * hour - 120_000);
    await at.succeedNext(next);
    at.wait(1000);
  }
  assert.equal(at.trueMs + at.waitOf(app), startMs + 3 * hour);
  assert.match(whyNot(at.ledger.mayOrder(app)), /240 orders in 3 hours/);
});

test('no more than 40 new certificates for a domain in seven days, and renewals do not count', async () => {
  const at = await desk();
  const startMs = at.trueMs;
  for (let i = 0; i < 40; i++) await at.succeedNext(order(`h${i}.example.co.uk`));
  assert.equal(at.trueMs + at.waitOf(order('h40.example.co.uk')), startMs + 7 * day);
  assert.equal(at.waitOf(order('h0.other.co.uk')), 0);
  assert.equal(at.waitOf(order('h3.example.co.uk')), 0);
});

test('a renewal that fails gives nothing back to the budget of its domain', async () => {
  const at = await desk();
  for (let i = 0; i < 39; i++) await at.succeedNext(order(`h${i}.example.com`));
  at.wait(day);
  const renewal = await at.begin(order('h0.example.com'));
  await at.succeedNext(order('h39.example.com'));
  await at.ledger.fail(renewal, refused);
  assert.equal(at.waitOf(order('h40.example.com')), 6 * day);
  at.wait(6 * day);
  for (let i = 0; i < 39; i++) await at.succeedNext(order(`g${i}.example.com`));
  assert.equal(at.waitOf(order('g39.example.com')), day);
});

test('no more than four certificates for the same names in seven days, in whatever order they are named', async () => {
  const at = await desk();
  for (const names of ['a.example.com b.example.com', 'b.example.com a.example.com']) {
    await at.succeedNext(order(names));
    await at.succeedNext(order(names));
  }
  assert.equal(at.waitOf(order('a.example.com b.example.com')), 7 * day);
  assert.equal(at.waitOf(order('a.example.com')), 0);
});

test('certificates that live for two minutes are renewed for as long as one likes', async () => {
  const at = await desk();
  for (let i = 0; i < 200; i++) {
    assert.equal(await at.succeedNext(app, 2 * minute), 'production');
    at.wait(minute);
  }
  assert.equal(at.waitOf(app), 0);
});

test('an order that failed before it could bring a certificate does not count as one', async () => {
  const at = await desk();
  for (let i = 0; i < 6; i++) await at.failNext({ ...app, hasStaging: false }, refused);
  assert.equal(await at.succeedNext({ ...app, hasStaging: false }), 'production');
  for (let i = 0; i < 3; i++) await at.failNext({ ...app, hasStaging: false }, failure('download'));
  const counted = /4 certificates for the same names/;
  at.wait(2 * day);
  assert.match(whyNot(at.ledger.mayOrder({ ...app, hasStaging: false })), counted);
});

test('what was spent is known after a restart, with the time that passed meanwhile', async () => {
  const at = await desk();
  await at.failNext(app, refused);
  await at.failNext(app, refused);
  await at.start();
  assert.equal(at.waitOf(app), 2 * minute);
  at.wait(minute);
  await at.start();
  assert.equal(at.waitOf(app), minute);
  assert.equal(at.ledger.failures(app.names, 'default'), 2);
});

test('an order that a crash has interrupted counts as one that failed', async () => {
  const at = await desk();
  await at.begin(app);
  at.wait(10_000);
  await at.start();
  assert.equal(at.waitOf(app), 50_000);
  assert.equal(at.ledger.failures(app.names, 'default'), 1);
});

test("an order that was given up is nobody's fault, and may be taken up again at once by whoever starts next, as often as it takes", async () => {
  const at = await desk();
  for (let stops = 0; stops < 10; stops++) {
    const attempt = await at.begin(app);
    assert.ok(at.waitOf(app) > 0);
    await at.ledger.abandon(attempt);
    await at.start();
    assert.deepEqual([at.waitOf(app), at.ledger.failures(app.names, app.issuer)], [0, 0]);
  }
  assert.equal(await at.succeedNext(app), 'production');
});

test('a process that crashes in each order and starts again each second makes no storm', async () => {
  const at = await desk();
  let orders = 0;
  for (let second = 0; second < 24 * 3600; second += 1) {
    if (at.ledger.mayOrder({ ...app, hasStaging: false }).ok) {
      await at.begin({ ...app, hasStaging: false });
      orders++;
      await at.start();
    }
    at.wait(1000);
  }
  assert.ok(orders <= 4, `${orders} orders`);
});

test('a keeper that asks as soon as it may, and always fails, makes about one order a day', async () => {
  const at = await desk();
  const endMs = at.trueMs + 60 * day;
  let orders = 0;
  while (at.trueMs < endMs) {
    await at.failNext(app, refused);
    orders++;
  }
  assert.ok(orders > 60 && orders < 75, `${orders} orders`);
});

test('where a certificate is about to end the waits are shorter, but not the limits', async () => {
  const at = await desk();
  for (let i = 0; i < 12; i++) await at.failNext(app, refused);
  await at.failNext(app, refused, { waitMsMax: hour });
  assert.equal(at.waitOf(app), hour);
});

for (const jumpMs of [-400 * day, -hour, hour, 400 * day])
  test(`a wall clock that jumps by ${jumpMs / hour} hours changes no wait`, async () => {
    const at = await desk();
    for (let i = 0; i < 3; i++) await at.failNext(app, refused);
    const waitMs = at.waitOf(app);
    at.wallErrorMs = jumpMs;
    assert.equal(at.waitOf(app), waitMs);
    at.wait(waitMs);
    assert.equal(at.waitOf(app), 0);
  });

test('a wall clock that was set back between two runs makes waits no longer than they were', async () => {
  const at = await desk();
  await at.failNext(app, refused);
  at.wallErrorMs = -400 * day;
  await at.start();
  assert.equal(at.waitOf(app), minute);
  at.wait(minute);
  assert.equal(at.waitOf(app), 0);
});

test('a boot without a clock does not make the next one believe in years that passed', async () => {
  const at = await desk();
  for (let i = 0; i < 4; i++) await at.succeedNext(app);
  at.wallErrorMs = -1_700_000_000_000;
  await at.start();
  await at.succeedNext(order('b.example.com'));
  at.wallErrorMs = 0;
  await at.start();
  assert.equal(at.waitOf(app), 7 * day);
});

test('time that passed under a clock that was seen to be behind is not counted once it is right again', async () => {
  const at = await desk();
  for (let i = 0; i < 4; i++) await at.succeedNext(app);
  at.wait(3 * day);
  at.wallErrorMs = -400 * day;
  await at.start();
  await at.succeedNext(order('b.example.com'));
  for (let i = 0; i < 3; i++) await at.succeedNext(order('b.example.com'));
  at.wallErrorMs = 0;
  await at.start();
  assert.equal(at.waitOf(order('b.example.com')), 7 * day);
});

for (const [what, damage] of [
  ['cut', (text: string) => text.slice(0, 40)],
  ['of another version', (text: string) => text.replace('"version":1', '"version":99')],
  ['with times out of order', (text: string) => text.replace(/"orders":\[[^\]]*\]/, '"orders":[5,4]')],
  ['with a number that is none', (text: string) => text.replace(/"failures":\d+/, '"failures":"many"')],
  ['that is a list', () => '[]'],
  ['empty', () => ''],
] as const)
  test(`a ledger ${what} begins anew, waits ten minutes and takes half of everything for a week`, async () => {
    const at = await desk();
    await at.failNext(app, refused);
    at.disk = damage(at.disk ?? '');
    await at.start();
    assert.match(at.ledger.damage ?? '', /damaged/);
    assert.equal(at.waitOf(app), 10 * minute);
    for (let i = 0; i < 2; i++) await at.succeedNext(app);
    assert.equal(at.ledger.mayOrder(app).ok, false);
    at.wait(7 * day);
    for (let i = 0; i < 4; i++) await at.succeedNext(app);
    await at.start();
    assert.equal(at.ledger.damage, null);
  });

test('an order that cannot be written down is not made, and not tried again for a minute', async () => {
  const at = await desk();
  at.diskIsFull = true;
  await assert.rejects(at.ledger.begin(app), { code: 'ENOSPC' });
  assert.equal(at.waitOf(app), minute);
  at.diskIsFull = false;
  at.wait(minute);
  assert.equal(await at.succeedNext(app), 'production');
});

test('what is told while the disk is full is known until the process ends', async () => {
  const at = await desk();
  const attempt = await at.begin(app);
  at.diskIsFull = true;
  await assert.rejects(at.ledger.fail(attempt, refused), { code: 'ENOSPC' });
  assert.equal(at.ledger.failures(app.names, 'default'), 1);
  assert.equal(at.waitOf(app), minute);
});

test('entries made at the same time are all on the disk in the end', async () => {
  const at = await desk();
  const names = Array.from({ length: 20 }, (_, i) => `app.d${i}.example`);
  const attempts = await Promise.all(names.map((name) => at.begin(order(name))));
  await Promise.all(attempts.map((attempt) => at.ledger.fail(attempt, refused)));
  await at.start();
  assert.ok(names.every((name) => at.ledger.failures([name], 'default') === 1));
});

test('what no limit needs any more is forgotten', async () => {
  const at = await desk();
  await at.succeedNext(order('z.example'));
  const small = at.disk?.length ?? 0;
  for (let i = 0; i < 100; i++) await at.failNext(order(`app.d${i}.example`), refused);
  assert.ok((at.disk?.length ?? 0) > 20 * small);
  at.wait(200 * day);
  await at.succeedNext(order('z.example'));
  assert.ok((at.disk?.length ?? 0) < 1.2 * small);
});
