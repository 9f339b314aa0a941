import type { RouteDetail } from '../../routing/route-detail.ts';
import { eventText } from '../event-text.ts';
import { liveDetail } from '../live-detail.ts';
import { lingers, routeState } from '../route-state.ts';
import type { RoutesState } from '../routes.ts';
import type { LiveMoment } from './live-moment.ts';
import type { LiveTopic } from './live-topic.ts';
import type { OverviewView, RouteSummary } from './live-view.ts';
import { NumbersBook } from './numbers-book.ts';
import { fits, routeSummary } from './route-summary.ts';

const routesShownMax = 500;

/** All routes, or those that fit some words. */
export class OverviewTopic implements LiveTopic {
  readonly #words: string;
  readonly #numbers = new NumbersBook();
  #known = '';
  #event = '';
  #changedAt = 0;

  constructor(words: string) {
    this.#words = words.toLowerCase();
  }

  refresh(moment: LiveMoment, look: number): void {
    const { at, state, common } = moment;
    const found = [...state.built.details.values()].filter((detail) => fits(detail, this.#words));
    const shown = shownOf(found, state);
    const routes = shown.map((detail) => routeSummary(detail, state));
    const known = JSON.stringify([common, found.length, routes.map(withoutNumbers)]);
    if (known !== this.#known) {
      const view: OverviewView = { at, ...common, routesFound: found.length, routes };
      this.#known = known;
      this.#event = eventText('overview', JSON.stringify(view));
      this.#changedAt = look;
    }
    this.#numbers.refresh(shown, moment, look);
  }

  since(heard: number): string {
    return (this.#changedAt > heard ? this.#event : '') + this.#numbers.since(heard);
  }
}

/** What needs somebody is shown, wherever it stands. */
function shownOf(found: readonly RouteDetail[], { backendState }: RoutesState): readonly RouteDetail[] {
  if (found.length <= routesShownMax) return found;
  const troubled = found.filter(
    (detail) => !lingers(detail) && routeState(liveDetail(detail, backendState)).state !== 'live',
  );
  const shown = new Set(troubled.slice(0, routesShownMax));
  for (const detail of found) {
    if (shown.size === routesShownMax) break;
    shown.add(detail);
  }
  return found.filter((detail) => shown.has(detail));
}

/** What is told every second is no change. */
function withoutNumbers({ backends, ...route }: RouteSummary): object {
  return { ...route, backends: backends.map(({ inFlight: _, fails: __, ...backend }) => backend) };
}
