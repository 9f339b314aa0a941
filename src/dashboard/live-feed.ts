import type { LiveNumbers, NumbersView, OverviewView, RouteDetailView } from '../admin/live/live-view.ts';

export type Connection = 'connecting' | 'open' | 'lost';

/** Numbers come every second: after so long without a word there is nobody at the other end. */
const silenceMsMax = 5_000;
/** Where the server said no, or says nothing. */
const retryMs = 3_000;
/** A page that nobody sees costs the proxy nothing. */
const hiddenMsMax = 20_000;
/** One a second. */
const sparkPoints = 60;

const noRate: readonly number[] = [];

/** What `GET /live` tells, and how well it is heard. One connection at a time; it comes back by itself. */
export class LiveFeed {
  overview: OverviewView | null = null;
  detail: RouteDetailView | null = null;
  numbers: NumbersView | null = null;
  connection: Connection = 'connecting';
  /** By route id, the newest of each. */
  readonly #routes = new Map<string, LiveNumbers>();
  readonly #rates = new Map<string, readonly number[]>();
  readonly #onChange: () => void;
  #address: string | null = null;
  #source: EventSource | null = null;
  #heardMs = 0;
  #triedMs = 0;
  #hiddenSinceMs: number | null = null;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    document.addEventListener('visibilitychange', () => this.#look());
    // A page that is kept for the back button must not keep listening.
    window.addEventListener('pagehide', () => this.#close());
    window.addEventListener('pageshow', () => this.#look());
    setInterval(() => this.#look(), 1_000);
  }

  numbersOf(route: string): LiveNumbers | null {
    return this.#routes.get(route) ?? null;
  }

  /** How Docker and the proxy stand; null while only one route is listened to, because then that may be old. */
  get standing(): OverviewView | null {
    return this.#address?.startsWith('/live?route=') === true ? null : this.overview;
  }

  /** Open tunnels of all routes; null where not all of them are known here. */
  get openSockets(): number | null {
    const { standing } = this;
    if (standing === null || standing.routes.length < standing.routesTotal) return null;
    return [...this.#routes.values()].reduce((sum, { sockets }) => sum + sockets, 0);
  }

  /** Requests per second, one entry a second, the oldest first; empty while there were none. */
  ratesOf(route: string): readonly number[] {
    return this.#rates.get(route) ?? noRate;
  }

  /** @param address such as `/live?q=shop`. */
  listen(address: string): void {
    if (address === this.#address) return;
    this.#address = address;
    this.detail = null;
    this.#open();
  }

  #open(): void {
    this.#close();
    if (this.#address === null) return;
    const source = new EventSource(this.#address);
    this.#source = source;
    this.#triedMs = Date.now();
    const hear = <T>(name: string, take: (view: T) => void) =>
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        this.#heardMs = Date.now();
        this.connection = 'open';
        take(JSON.parse(data) as T);
        this.#onChange();
      });
    hear<OverviewView>('overview', (view) => this.#takeOverview(view));
    hear<NumbersView>('numbers', (view) => this.#takeNumbers(view));
    hear<RouteDetailView>('route', (view) => this.#takeDetail(view));
    source.addEventListener('error', () => {
      this.#lose();
      if (source.readyState === EventSource.CLOSED) void leaveIfSignedOut();
    });
  }

  #close(): void {
    this.#source?.close();
    this.#source = null;
  }

  #lose(): void {
    if (this.connection === 'lost') return;
    this.connection = 'lost';
    this.#onChange();
  }

  /** Every second, and when the tab is shown or hidden. */
  #look(): void {
    const now = Date.now();
    this.#hiddenSinceMs = document.hidden ? (this.#hiddenSinceMs ?? now) : null;
    if (this.#hiddenSinceMs !== null) {
      if (now - this.#hiddenSinceMs > hiddenMsMax) this.#close();
      return;
    }
    if (this.#source === null) return this.#open();
    const isSilent = now - Math.max(this.#heardMs, this.#triedMs) > silenceMsMax;
    if (isSilent) this.#lose();
    const isClosed = this.#source.readyState === EventSource.CLOSED;
    if ((isClosed || isSilent) && now - this.#triedMs > retryMs) this.#open();
  }

  #takeOverview(view: OverviewView): void {
    // Another version of the proxy answers now, and has a page of its own.
    if (this.overview !== null && this.overview.product !== view.product) location.reload();
    this.overview = view;
    const shown = new Set(view.routes.map(({ id }) => id));
    for (const map of [this.#routes, this.#rates]) for (const id of map.keys()) if (!shown.has(id)) map.delete(id);
  }

  #takeNumbers(view: NumbersView): void {
    this.numbers = view;
    for (const [id, numbers] of Object.entries(view.routes)) this.#routes.set(id, numbers);
    for (const [id, { perSecond }] of this.#routes) this.#addRate(id, perSecond);
  }

  #takeDetail(view: RouteDetailView): void {
    this.detail = view;
    if (view.route !== null && view.numbers !== null) this.#routes.set(view.route.id, view.numbers);
  }

  #addRate(id: string, perSecond: number): void {
    const before = this.ratesOf(id);
    if (before.length === 0 && perSecond === 0) return;
    const rates = [...before.slice(1 - sparkPoints), perSecond];
    if (rates.every((rate) => rate === 0)) this.#rates.delete(id);
    else this.#rates.set(id, rates);
  }
}

/** The session may have ended: then there is a page to sign in on. */
async function leaveIfSignedOut(): Promise<void> {
  try {
    const { status } = await fetch('/status', { headers: { accept: 'application/json' } });
    if (status === 401) location.reload();
  } catch {
    // Nobody answers: that is said already.
  }
}
