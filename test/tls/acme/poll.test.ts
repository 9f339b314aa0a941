import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { AcmeAnswer } from '../../../src/tls/acme/acme-answer.ts';
import { AcmeFailure } from '../../../src/tls/acme/failure.ts';
import { defaultOrderLimits } from '../../../src/tls/acme/order-limits.ts';
import { poll } from '../../../src/tls/acme/poll.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { failureOf } from './order-world.ts';

const answer = (state: string, retryAfter = ''): AcmeAnswer => ({ status: 200, data: state, location: '', retryAfter });
const pending = (retryAfter = '') => answer('pending', retryAfter);

/** Polls with time flying; what is asked gets the answers in turn, the last one again and again. */
class Polling {
  readonly clock = new FakeClock();
  readonly controller = new AbortController();
  /** Ms after the start at which was asked. */
  readonly askedMs: number[] = [];

  async run(after: AcmeAnswer, ...answers: readonly (AcmeAnswer | Error)[]): Promise<string> {
    let over = false;
    const about = { clock: this.clock, signal: this.controller.signal, limits: defaultOrderLimits };
    const ask = async () => {
      const next = answers[Math.min(this.askedMs.length, answers.length - 1)];
      this.askedMs.push(this.clock.monotonic());
      if (next instanceof Error || next === undefined) throw next;
      return next;
    };
    const settled = ({ data }: AcmeAnswer) => (data === 'valid' ? 'done' : null);
    const result = poll({ what: 'the order', stage: 'finalize', after, ask, settled }, about).finally(() => {
      over = true;
    });
    result.catch(() => {});
    while (!over) {
      await turn();
      this.clock.advance(10);
    }
    return result;
  }
}

const trouble = (status: number | null) =>
  new AcmeFailure({ type: '', status, detail: 'no luck', subproblems: [] }, { stage: 'finalize' });

test('pauses grow from a quarter of a second to ten seconds, within three minutes in all', async () => {
  const polling = new Polling();
  const failure = await failureOf(polling.run(pending(), pending()));
  assert.match(failure.message, /^the order was still not decided on/);
  const pauses = polling.askedMs.map((ms, index) => ms - (polling.askedMs[index - 1] ?? 0));
  assert.deepEqual(pauses.slice(0, 4), [250, 380, 570, 850]);
  assert.ok(Math.max(...pauses) <= 10_010);
  assert.ok(polling.askedMs.length <= defaultOrderLimits.pollsMax);
  assert.ok((polling.askedMs.at(-1) ?? 0) <= defaultOrderLimits.pollMsMax);
});

test('an issuer that says when to come again is not asked before', async () => {
  const polling = new Polling();
  assert.equal(await polling.run(pending('5'), pending('20'), pending('0'), answer('valid')), 'done');
  const [first = 0, second = 0, third = 0] = polling.askedMs;
  assert.ok(first >= 5000);
  assert.ok(second - first >= 20_000);
  assert.ok(third - second >= 250, 'not at once, even where the issuer would let us');
});

test('where the issuer asks for more patience than there is, the order is put off until then', async () => {
  const polling = new Polling();
  const startMs = polling.clock.now();
  const failure = await failureOf(polling.run(pending('3600'), pending()));
  assert.equal(failure.retryAfterMs, startMs + 3_600_000);
  assert.deepEqual(polling.askedMs, []);
});

test('two answers in a row may be missed, a third may not', async () => {
  assert.equal(await new Polling().run(pending(), trouble(null), trouble(503), answer('valid')), 'done');
  const polling = new Polling();
  const failure = await failureOf(polling.run(pending(), trouble(500)));
  assert.equal(failure.problem.status, 500);
  assert.equal(polling.askedMs.length, 3);
});

test('an issuer that says no is not asked again', async () => {
  const polling = new Polling();
  await failureOf(polling.run(pending(), trouble(404)));
  assert.equal(polling.askedMs.length, 1);
});

test('giving up ends a pause at once and leaves no timer', async () => {
  const polling = new Polling();
  const running = polling.run(pending('100'), pending());
  await turn();
  assert.equal(polling.clock.pending, 1);
  polling.controller.abort(new Error('given up'));
  await assert.rejects(running, /given up/);
  assert.ok(polling.clock.monotonic() < 100_000);
  assert.deepEqual(polling.askedMs, []);
  assert.equal(polling.clock.pending, 0);
});
