import type { RouteDetail } from '../../routing/route-detail.ts';
import { eventText } from '../event-text.ts';
import type { LiveMoment } from './live-moment.ts';
import { liveNumbers } from './live-numbers.ts';

/** Event `numbers` of some routes, for listeners of whom each has heard another part. */
export class NumbersBook {
  /** As JSON, and the look at which they became so. */
  #routes = new Map<string, { readonly json: string; readonly look: number }>();
  #head = '';
  #look = 0;

  /** @param look number of the look at things, one more each time. */
  refresh(details: readonly RouteDetail[], { at, state: { numbers }, perSecond }: LiveMoment, look: number): void {
    const before = this.#routes;
    this.#routes = new Map();
    for (const detail of details) {
      const { id } = detail.route;
      const json = JSON.stringify(liveNumbers(detail, numbers));
      const known = before.get(id);
      this.#routes.set(id, known?.json === json ? known : { json, look });
    }
    this.#head = JSON.stringify({ at, connections: numbers.traffic.connections, perSecond }).slice(0, -1);
    this.#look = look;
  }

  /** @param heard the last look that the listener has heard of. */
  since(heard: number): string {
    if (this.#look <= heard) return '';
    const news: string[] = [];
    for (const [id, { json, look }] of this.#routes) if (look > heard) news.push(`${JSON.stringify(id)}:${json}`);
    return eventText('numbers', `${this.#head},"routes":{${news.join(',')}}}`);
  }
}
