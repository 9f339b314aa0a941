import type { Bench } from './bench.ts';
import { contest } from './contest.ts';
import { Field, fieldMethod, pinnedMethod } from './field.ts';
import { http2Load } from './http2-load.ts';
import { Slots } from './slots.ts';
import { besideTable, slotsSection } from './slots-section.ts';
import { tlsMethod } from './tls-terms.ts';

/** Beside nginx, to which all are compared: the other one whose HTTP/2 is held against Fairlead's. */
const second = 'caddy';
const shapes = [
  { connections: 8, streams: 16 },
  { connections: 64, streams: 1 },
];
const answers = [
  { size: '100 B', path: '/100' },
  { size: '10 KiB', path: '/10k' },
];
const cases = shapes.flatMap(({ connections, streams }) =>
  answers.map(({ size, path }) => ({ name: `GET ${size}, ${connections} × ${streams}`, connections, streams, path })),
);

export const http2: Bench = {
  name: 'http2',
  about: 'requests per second of one core by HTTP/2 over TLS, beside nginx, haproxy and caddy',
  async run(context) {
    const { signal, say } = context;
    await using field = await Field.open(context, { secure: true, programs: ['h2load'] });
    const program = field.program('h2load');
    if (program === undefined) throw new Error('h2load is needed: apt-get install nghttp2-client');
    const proxies = await field.startAll(['nginx', 'fairlead', 'haproxy', 'caddy']);
    for (const proxy of proxies) await field.check(proxy, 'http2');
    const client = { program, core: field.core, signal, dir: field.workspace.dir };
    const slots = new Slots();
    for (const { name, ...request } of cases) {
      say(`http2: ${name}`);
      await contest(context, slots, {
        work: name,
        proxies,
        // The backend speaks neither TLS nor HTTP/2.
        backend: { port: null, pid: field.backend.pid },
        load: (target) => http2Load({ ...client, ...request, ...target }),
      });
    }
    const section = slotsSection({
      title: 'HTTP/2: requests per second of one core',
      unit: 'request',
      slots,
      proxies: proxies.map(({ name }) => name),
      versions: await field.versions(['h2load', 'luajit']),
      method: [
        pinnedMethod,
        ...fieldMethod,
        ...tlsMethod,
        'The client is h2load. `8 × 16`: 8 connections with 16 requests under way on each. Paths and queries take turns, the other fields (about 400 bytes as a browser sends them) stay the same, so that the compression of heads has more to gain than with a browser; to the backend all speak HTTP/1.1 with heads in full.',
      ],
      context,
    });
    const works = cases.map(({ name }) => name);
    return { ...section, tables: [besideTable(slots, works, second), ...section.tables] };
  },
};
