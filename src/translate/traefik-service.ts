import type { TraefikPart } from './traefik-labels.ts';
import { isTrue, type Note, type RouteDraft } from './translation.ts';

const strategies: Readonly<Record<string, string>> = {
  wrr: 'roundrobin',
  p2c: 'random2',
  hrw: 'iphash',
  leasttime: 'least',
};

/** Options of a service under `loadbalancer.` that are one of ours. */
const same: Readonly<Record<string, string>> = {
  'server.port': 'port',
  'server.scheme': 'scheme',
  'server.weight': 'weight',
  'healthcheck.interval': 'health.interval',
  'healthcheck.timeout': 'health.timeout',
  'healthcheck.status': 'health.status',
  'passivehealthcheck.maxfailedattempts': 'maxfails',
  'passivehealthcheck.failurewindow': 'failtimeout',
};

const needless =
  /^(passhostheader|responseforwarding\.flushinterval|sticky\.cookie\.(secure|httponly|samesite|path)|healthcheck\.(port|followredirects|unhealthyinterval))$/;

/** How the containers behind a router are dialled and checked. */
export function translateService(part: TraefikPart, route: RouteDraft, notes: Note[]): void {
  for (const [key, { text, about }] of part) {
    const option = key.replace(/^loadbalancer\./, '');
    const set = (name: string, value: string) => route.options.set(name, { text: value, about });
    if (Object.hasOwn(same, option)) set(same[option] as string, text);
    else if (option === 'strategy' && Object.hasOwn(strategies, text)) set('lb', strategies[text] as string);
    else if (option === 'healthcheck.path') {
      const port = part.get('loadbalancer.healthcheck.port')?.text;
      set('health', `${port === undefined ? '' : `:${port}`}${text.startsWith('/') ? text : `/${text}`}`);
    } else if (option === 'sticky' || option === 'sticky.cookie') {
      if (isTrue(text) && !route.options.has('sticky')) set('sticky', 'true');
    } else if (option === 'sticky.cookie.name') set('sticky', text);
    else if (option === 'sticky.cookie.maxage') {
      if (text !== '0') set('sticky.ttl', text);
    } else if (option === 'passhostheader' && !isTrue(text))
      notes.push({
        about,
        says: 'the backend is told the host that the client asked for; see proxy.reqheader.Host',
        severity: 'warning',
      });
    else if (!needless.test(option)) notes.push({ about, says: 'has no label', severity: 'warning' });
  }
}
