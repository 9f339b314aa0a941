import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderStage } from '../../../src/tls/acme/failure.ts';
import type { IssuerLimits, Limit } from '../../../src/tls/acme/issuer-limits.ts';
import type { Attempt } from '../../../src/tls/acme/ledger.ts';
import { readLedger } from '../../../src/tls/acme/ledger-text.ts';
import type { OrderPurpose } from '../../../src/tls/acme/order-request.ts';
import { fc } from '../../support/properties.ts';
import { failure } from './failures.ts';
import { day, hour, LedgerDesk, minute, order } from './ledger-desk.ts';

/** Small, so that they are reached. */
const limits: IssuerLimits = {
  orders: { countMax: 6, windowMs: 3 * hour },
  domain: { countMax: 2, windowMs: 7 * day },
  set: { countMax: 2, windowMs: 7 * day },
  failures: { countMax: 2, windowMs: hour },
};

const sets = [
  'a.x.example',
  'a.x.example b.x.example',
  'b.x.example c.y.example',
  'c.y.example',
  '*.y.example',
  'd.z.example',
];

type Outcome =
  | { readonly kind: 'succeed' }
  | { readonly kind: 'fail'; readonly stage: OrderStage; readonly waitMs: number };

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constant<Outcome>({ kind: 'succeed' }),
  fc.record({
    kind: fc.constant('fail' as const),
    stage: fc.constantFrom<OrderStage>(
      ...(['directory', 'account', 'order', 'preflight', 'challenge', 'finalize', 'download'] as const),
    ),
    waitMs: fc.constantFrom(0, hour, 400 * day),
  }),
);

type Step =
  | { readonly kind: 'order'; readonly names: string; readonly purpose: OrderPurpose; readonly patient: boolean }
  | { readonly kind: 'end'; readonly outcome: Outcome }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'jump'; readonly ms: number }
  | { readonly kind: 'crash' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('order' as const),
      names: fc.constantFrom(...sets),
      purpose: fc.constantFrom<OrderPurpose>('needed', 'on-demand', 'asked', 'rehearsal'),
      patient: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('end' as const), outcome }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, minute, 20 * minute, hour, day),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('jump' as const),
      ms: fc.constantFrom(-5000 * day, 0, 5000 * day),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'crash' }) },
);

/** An order as the issuer saw it, at true times. */
interface Seen {
  readonly atMs: number;
  readonly where: 'production' | 'staging';
  readonly names: readonly string[];
  readonly isNew: boolean;
  placed: boolean;
  issued: boolean;
}

/** Plays a life of the ledger and tells what the issuer saw of it, and when which names failed. */
async function play(steps: readonly Step[]): Promise<{ orders: Seen[]; failures: Map<string, number[]> }> {
  const desk = new LedgerDesk(limits);
  await desk.start();
  // The clock is right once, so that what is set right later is no jump ahead.
  await desk.succeedNext(order('first.example', { issuer: 'other' }));
  const orders: Seen[] = [];
  const failures = new Map<string, number[]>();
  const known = new Set<string>();
  const open: { attempt: Attempt; seen: Seen }[] = [];
  for (const one of steps) {
    switch (one.kind) {
      case 'order': {
        const request = order(one.names, { purpose: one.purpose });
        const waitMs = desk.waitOf(request);
        assert.ok(waitMs >= 0 && waitMs <= 7 * day, `a wait of ${waitMs} ms`);
        if (one.patient) desk.wait(waitMs);
        const begun = await desk.ledger.begin(request);
        if (!begun.ok) break;
        const { where, names } = begun.attempt.order;
        const isNew = !known.has(one.names);
        const seen = { atMs: desk.trueMs, where, names, isNew, placed: true, issued: where === 'production' };
        orders.push(seen);
        open.push({ attempt: begun.attempt, seen });
        break;
      }
      case 'end': {
        const ended = open.shift();
        if (ended === undefined) break;
        const { attempt, seen } = ended;
        if (one.outcome.kind === 'succeed') {
          if (seen.where === 'production') known.add(seen.names.join(' '));
          await desk.ledger.succeed(attempt, { lifeMs: 90 * day });
          break;
        }
        const { stage, waitMs } = one.outcome;
        seen.placed = !['directory', 'account', 'preflight'].includes(stage);
        seen.issued &&= ['finalize', 'download'].includes(stage);
        if (seen.issued) known.add(seen.names.join(' '));
        if (seen.placed && !attempt.order.rehearsal)
          for (const name of seen.names) failures.set(name, [...(failures.get(name) ?? []), desk.trueMs]);
        const retryAfterMs = desk.trueMs + desk.wallErrorMs + waitMs;
        await desk.ledger.fail(attempt, failure(stage, waitMs === 0 ? {} : { retryAfterMs }));
        break;
      }
      case 'wait':
        desk.wait(one.ms);
        break;
      case 'jump':
        desk.wallErrorMs = one.ms;
        break;
      case 'crash':
        for (const { seen } of open) if (seen.issued) known.add(seen.names.join(' '));
        open.length = 0;
        // It is right at the next start, or so far behind that this can be seen.
        if (desk.wallErrorMs > -5000 * day) desk.wallErrorMs = 0;
        await desk.start();
        assert.equal(desk.ledger.damage, null);
        break;
      default:
        one satisfies never;
    }
  }
  return { orders, failures };
}

function assertWithin(times: readonly number[], { countMax, windowMs }: Limit, what: string): void {
  for (const startMs of times) {
    const count = times.filter((atMs) => atMs >= startMs && atMs < startMs + windowMs).length;
    assert.ok(count <= countMax, `${count} ${what} in a window, more than ${countMax}`);
  }
}

test('whatever fails, crashes and jumps, the orders in any window stay within the limits', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120, size: 'max' }), async (steps) => {
      const { orders, failures } = await play(steps);
      const timesOf = (holds: (seen: Seen) => boolean) => orders.filter(holds).map(({ atMs }) => atMs);
      for (const where of ['production', 'staging'] as const)
        assertWithin(
          timesOf((seen) => seen.where === where && seen.placed),
          limits.orders,
          `orders in ${where}`,
        );
      for (const names of sets)
        assertWithin(
          timesOf((seen) => seen.issued && seen.names.join(' ') === names),
          limits.set,
          names,
        );
      for (const domain of ['x.example', 'y.example', 'z.example']) {
        const ofDomain = (seen: Seen) => seen.issued && seen.isNew && seen.names.some((name) => name.endsWith(domain));
        assertWithin(timesOf(ofDomain), limits.domain, `new certificates of ${domain}`);
      }
      for (const [name, times] of failures) assertWithin(times, limits.failures, `failures of ${name}`);
    }),
    { numRuns: 300 },
  );
});

test('no name is in two orders at a time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...sets), { maxLength: 12, size: 'max' }), async (asked) => {
      const desk = new LedgerDesk();
      await desk.start();
      const begun = await Promise.all(asked.map((names) => desk.ledger.begin(order(names))));
      const names = begun.flatMap((one) => (one.ok ? one.attempt.order.names : []));
      assert.equal(new Set(names).size, names.length);
    }),
  );
});

test('whatever stands on the disk is read or given up, never an error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.anything()), (text) => {
      assert.ok(readLedger(text) === null || typeof text === 'string');
    }),
  );
});
