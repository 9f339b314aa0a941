import type { Bench } from './bench.ts';
import { contest } from './contest.ts';
import { Field, fieldMethod, pinnedMethod } from './field.ts';
import { Slots } from './slots.ts';
import { slotsSection } from './slots-section.ts';
import type { Table } from './table.ts';
import { cases, keptConnections, lanes } from './tls-cases.ts';
import { tlsMethod, writeClientConfig } from './tls-terms.ts';

export const tls: Bench = {
  name: 'tls',
  about:
    'requests over TLS, full and resumed handshakes per second of one core, beside nginx, haproxy, caddy and http-proxy',
  async run(context) {
    const { signal, say } = context;
    await using field = await Field.open(context, { secure: true });
    const proxies = await field.startAll(['nginx', 'fairlead', 'haproxy', 'caddy', 'http-proxy']);
    const client = { core: field.core, signal };
    const clients = {
      wrk: { ...client, program: field.wrk },
      luajit: { ...client, program: field.luajit },
      opensslConfig: writeClientConfig(field.workspace.dir),
    };
    const slots = new Slots();
    for (const { name, load } of cases) {
      say(`tls: ${name}`);
      await contest(context, slots, {
        work: name,
        proxies,
        // The backend speaks no TLS.
        backend: { port: null, pid: field.backend.pid },
        load: (target) => load(target, clients),
      });
    }
    const names = proxies.map(({ name }) => name);
    const section = slotsSection({
      title: 'TLS: requests and handshakes per second of one core',
      unit: 'request',
      slots,
      proxies: names,
      versions: await field.versions(['wrk', 'luajit']),
      method: [
        pinnedMethod,
        ...fieldMethod,
        ...tlsMethod,
        `GET: ${keptConnections} kept connections from wrk, every head another one, as in the section on plain requests.`,
        `Handshakes: a connection for each request (GET 100 B, \`Connection: close\`), so that requests per second are handshakes per second and CPU per request is that of connecting, handshake, one request and closing. The client (bench/lua/handshakes.lua, OpenSSL under LuaJIT) has ${lanes} connections under way; it computes about as much for a handshake as a proxy does. Resumed: each connection offers the newest ticket of the one before, and only the first ${lanes} of a slot have none.`,
      ],
      context,
    });
    return { ...section, tables: [...section.tables, resumptions(slots, names)] };
  },
};

/** Full handshakes must be full, and resumed ones resumed: else the rest means nothing. */
function resumptions(slots: Slots, proxies: readonly string[]): Table {
  const rows = cases
    .filter(({ handshakes }) => handshakes)
    .map(({ name }) => [
      name,
      ...proxies.map((proxy) => {
        const share = slots.verdict(name, proxy, proxy)?.resumed ?? null;
        return share === null ? '–' : `${(share * 100).toFixed(1)} %`;
      }),
    ]);
  return { title: 'Share of the handshakes that resumed a session', columns: ['work', ...proxies], rows };
}
