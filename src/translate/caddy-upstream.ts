import { type Directive, wordsOf } from './caddy-tree.ts';
import type { Note, RouteDraft } from './translation.ts';

const policies: Readonly<Record<string, string>> = {
  random: 'random2',
  random_choose: 'random2',
  first: 'first',
  round_robin: 'roundrobin',
  weighted_round_robin: 'roundrobin',
  least_conn: 'least',
  ip_hash: 'iphash',
  client_ip_hash: 'iphash',
  uri_hash: 'hash:uri',
};

/** Options of `reverse_proxy` that are one of ours. */
const same: Readonly<Record<string, string>> = {
  health_uri: 'health',
  health_interval: 'health.interval',
  health_timeout: 'health.timeout',
  health_passes: 'health.rise',
  health_fails: 'health.fall',
  health_status: 'health.status',
  max_fails: 'maxfails',
  fail_duration: 'failtimeout',
  lb_retries: 'retries',
  lb_try_duration: 'wait',
};

const needless =
  /^(flush_interval|lb_try_interval|stream_close_delay|stream_timeout|trusted_proxies|request_buffers|response_buffers)$/;

/** `reverse_proxy {{upstreams https 8443}}` and its block. */
export function translateCaddyProxy(
  directive: Directive,
  words: readonly string[],
  route: RouteDraft,
  notes: Note[],
): void {
  for (const word of words) readUpstream(word, directive, route, notes);
  for (const { name, args, about, block } of directive.block) {
    const set = (key: string, text: string) => route.options.set(key, { text, about });
    const [first = '', second = '', third] = wordsOf(args);
    if (Object.hasOwn(same, name)) set(same[name] as string, args);
    else if (name === 'to') for (const word of wordsOf(args)) readUpstream(word, { ...directive, about }, route, notes);
    else if (name === 'lb_policy')
      setPolicy(first, second, set, () =>
        notes.push({ about, says: 'see proxy.lb for the policies that there are', severity: 'warning' }),
      );
    else if (/^header_(up|down)$/.test(name)) {
      const field = /^([+?-]?)([\w-]+)$/.exec(first);
      if (field === null || third !== undefined)
        notes.push({ about, says: 'this edit of a header has no label', severity: 'warning' });
      else if (!isForwarded(field[2] as string, name)) {
        const value = second.replace('{remote_host}', '{client_ip}').replace('{upstream_hostport}', '{host}');
        set(
          `${name === 'header_up' ? 'reqheader' : 'header'}.${field[2]}`,
          field[1] === '-' ? '' : `${field[1]}${value}`,
        );
      }
    } else if (name === 'transport') {
      if (block.some((part) => /^tls/.test(part.name)) && !route.options.has('scheme')) set('scheme', 'https');
      if (block.some((part) => part.name === 'tls_insecure_skip_verify')) set('scheme.verify', 'false');
      for (const part of block) readTransport(part, route, notes);
    } else if (!needless.test(name)) notes.push({ about, says: 'has no label', severity: 'warning' });
  }
}

function readTransport({ name, args, about }: Directive, route: RouteDraft, notes: Note[]): void {
  if (name === 'dial_timeout') route.options.set('timeout.connect', { text: args, about });
  else if (name === 'read_timeout' || name === 'response_header_timeout')
    route.options.set('timeout.read', { text: args, about });
  else if (name === 'write_timeout') route.options.set('timeout.send', { text: args, about });
  else if (name === 'tls_server_name') route.options.set('scheme.sni', { text: args, about });
  else if (!/^(tls|tls_insecure_skip_verify|keepalive.*|versions|compression)$/.test(name))
    notes.push({ about, says: 'has no label', severity: 'warning' });
}

/** `{{upstreams}}`, `{{upstreams 80}}`, `{{upstreams https 443}}`, or an address. */
function readUpstream(word: string, { about }: Directive, route: RouteDraft, notes: Note[]): void {
  const set = (key: string, text: string) => route.options.set(key, { text, about });
  const template = /^(https?:\/\/|h2c:\/\/)?\{\{\s*upstreams\s*(https?|h2c)?\s*([^\s}]*)\s*\}\}$/.exec(word);
  if (template === null) {
    const [, port] = /:(\d+)$/.exec(word) ?? [];
    if (port !== undefined) set('port', port);
    notes.push({
      about,
      says: 'a route leads to its own container: put the labels on the one that is meant',
      severity: 'warning',
    });
    return;
  }
  const scheme = template[2] ?? template[1]?.replace('://', '');
  if (scheme !== undefined && scheme !== 'http') set('scheme', scheme);
  if (template[3] !== '') set('port', template[3] as string);
}

function setPolicy(
  policy: string,
  argument: string,
  set: (key: string, text: string) => void,
  unknown: () => void,
): void {
  if (Object.hasOwn(policies, policy)) set('lb', policies[policy] as string);
  else if (policy === 'cookie') set('sticky', argument || 'true');
  else if (policy === 'header' && argument !== '') set('lb', `hash:header:${argument}`);
  else unknown();
}

/** Those that the proxy sets by itself. */
function isForwarded(name: string, direction: string): boolean {
  return direction === 'header_up' && /^(x-forwarded-(for|proto|host|port)|x-real-ip)$/i.test(name);
}
