import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { pause } from '../../base/pause.ts';
import { lookUp, type ResolverAt } from './dns-resolver.ts';
import { type ZoneServer, zoneServers } from './zone-servers.ts';

export interface PropagationOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly resolverAt: ResolverAt;
  /** After so long it goes on without. */
  readonly waitMsMax: number;
}

/** Secondaries fetch a change within seconds, or in their own time. */
const pauseMs = { first: 500, max: 10_000 };

/** A server that has not answered so often is not waited for, as long as another one tells the value. */
const silentRoundsMax = 3;

type Answer = 'told' | 'other' | 'silent';

/**
 * Waits until every server of the zone tells a value: an issuer asks any one of them, and remembers what it was told. Bounded:
 * then it goes on with a warning, for the issuer may see what cannot be seen from here.
 */
export async function propagated(
  owner: string,
  value: string,
  options: PropagationOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const { clock, log, resolverAt, signal } = options;
  const endMs = clock.monotonic() + options.waitMsMax;
  const zone = await zoneServers(owner, resolverAt);
  if (zone === null) {
    log.warn({ record: owner }, 'the name servers of this record are not known here: nobody checked that they tell it');
    return;
  }
  let nextMs = pauseMs.first;
  for (let round = 1; ; round += 1) {
    signal.throwIfAborted();
    const answers = await Promise.all(zone.servers.map((server) => askTxt(owner, value, server, resolverAt)));
    if (isEnough(answers, round)) return;
    const leftMs = endMs - clock.monotonic();
    if (leftMs <= 0) {
      const behind = zone.servers.flatMap((server, index) =>
        answers[index] === 'told' ? [] : [textOf(server, answers[index])],
      );
      log.warn(
        { record: owner, zone: zone.name, behind },
        'not all name servers tell the record yet; the order goes on',
      );
      return;
    }
    await pause(clock, Math.min(nextMs, leftMs), signal);
    nextMs = Math.min(nextMs * 2, pauseMs.max);
  }
}

function isEnough(answers: readonly Answer[], round: number): boolean {
  if (answers.includes('other') || !answers.includes('told')) return false;
  return round >= silentRoundsMax || !answers.includes('silent');
}

async function askTxt(owner: string, value: string, server: ZoneServer, resolverAt: ResolverAt): Promise<Answer> {
  const asked = resolverAt(server.address).resolveTxt(owner);
  // Values are case-sensitive, names are not: so not through `lookUp`'s values.
  const isTold = asked.then((records) => records.some((parts) => parts.join('') === value));
  const found = await lookUp(isTold.then((told) => (told ? [value] : [])));
  switch (found.kind) {
    case 'found':
      return 'told';
    case 'missing':
      return 'other';
    case 'unknown':
      return 'silent';
    default:
      return found satisfies never;
  }
}

function textOf({ name, address }: ZoneServer, answer: Answer | undefined): string {
  return `${name} (${address}) ${answer === 'silent' ? 'does not answer' : 'does not tell it'}`;
}
