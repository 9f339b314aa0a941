import { answerFailure } from './answer.ts';
import type { Journey } from './journey.ts';
import type { ProxyWorld } from './world.ts';

/** Does something for a request. A fault of ours is the end of this request, and of nothing else. */
export function guarded(
  world: ProxyWorld,
  journey: Journey,
  work: (world: ProxyWorld, journey: Journey) => void,
): void {
  try {
    work(world, journey);
  } catch (error) {
    world.log.error({ err: error, requestId: journey.requestId }, 'request failed inside the proxy');
    if (journey.status === 0) answerFailure(world, journey, 'proxy-error');
    else journey.exchange.destroy();
  }
}
