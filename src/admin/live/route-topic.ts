import { eventText } from '../event-text.ts';
import type { LiveMoment } from './live-moment.ts';
import type { LiveTopic } from './live-topic.ts';
import { NumbersBook } from './numbers-book.ts';
import { routeDetailView } from './route-detail-view.ts';

/** One route with everything that is known of it. */
export class RouteTopic implements LiveTopic {
  readonly #id: string;
  readonly #numbers = new NumbersBook();
  #known = '';
  #event = '';
  #changedAt = 0;

  constructor(id: string) {
    this.#id = id;
  }

  refresh(moment: LiveMoment, look: number): void {
    const { at, ...rest } = routeDetailView(this.#id, moment);
    const known = JSON.stringify(rest);
    if (known !== this.#known) {
      this.#known = known;
      this.#event = eventText('route', JSON.stringify({ at, ...rest }));
      this.#changedAt = look;
    }
    const detail = moment.state.built.details.get(this.#id);
    this.#numbers.refresh(detail === undefined ? [] : [detail], moment, look);
  }

  since(heard: number): string {
    return (this.#changedAt > heard ? this.#event : '') + this.#numbers.since(heard);
  }
}
