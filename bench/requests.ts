import type { Bench } from './bench.ts';
import { contest } from './contest.ts';
import { Field, fieldMethod, pinnedMethod } from './field.ts';
import { requestLoad } from './load.ts';
import { cases } from './requests-cases.ts';
import { Slots } from './slots.ts';
import { slotsSection } from './slots-section.ts';

export const requests: Bench = {
  name: 'requests',
  about: 'requests per second of one core, beside nginx, haproxy, caddy and http-proxy',
  async run(context) {
    const { signal, say } = context;
    await using field = await Field.open(context);
    const proxies = await field.startAll(['nginx', 'fairlead', 'haproxy', 'caddy', 'http-proxy', 'node-relay']);
    const slots = new Slots();
    for (const { name, withHttpProxy, ...request } of cases) {
      say(`requests: ${name}`);
      const client = { program: field.wrk, core: field.core, signal, ...request };
      await contest(context, slots, {
        work: name,
        proxies: proxies.filter((proxy) => withHttpProxy || proxy.name !== 'http-proxy'),
        backend: field.backend,
        load: (target) => requestLoad({ ...client, ...target }),
      });
    }
    return slotsSection({
      title: 'Requests per second of one core',
      unit: 'request',
      slots,
      proxies: proxies.map(({ name }) => name),
      versions: await field.versions(['wrk', 'luajit']),
      method: [
        pinnedMethod,
        ...fieldMethod,
        'The client is wrk. Every request has another head than the one before: about 450 bytes as a browser sends them, with path, query, user agent and cookie changing.',
        'node-relay is no proxy but a floor: it copies bytes between two sockets of Node, knows nothing of HTTP, changes no head and writes no log.',
        'Chunked: 10 KiB in three chunks of an answer without Content-Length.',
      ],
      context,
    });
  },
};
