import type { Bench } from './bench.ts';
import { contest } from './contest.ts';
import { Field, fieldMethod, pinnedMethod } from './field.ts';
import { requestLoad } from './load.ts';
import { Slots } from './slots.ts';
import { besideTable, slotsSection } from './slots-section.ts';

const connections = 64;
/** 16 MiB at 64 KiB each: in memory with every proxy as it is shipped. */
const targets = 256;
const cases = [
  { name: 'hit of 2 KiB', path: '/c02k' },
  { name: 'hit of 64 KiB', path: '/c64k' },
];
/** Of a core: more than this and the backend was asked. */
const backendBusyMax = 0.02;

export const cache: Bench = {
  name: 'cache',
  about: 'answers from the cache per second of one core, beside nginx and Varnish',
  async run(context) {
    const { signal, say } = context;
    await using field = await Field.open(context, { cache: true, programs: ['varnishd', 'varnishncsa'] });
    const proxies = await field.startAll(['nginx', 'fairlead', 'varnish', 'varnish-no-log']);
    const names = proxies.map(({ name }) => name);
    const slots = new Slots();
    for (const { name, path } of cases) {
      say(`cache: ${name}`);
      const client = { program: field.wrk, core: field.core, signal, connections, targets, path, bodyBytes: 0 };
      await contest(context, slots, {
        work: name,
        proxies,
        backend: field.backend,
        load: (target) => requestLoad({ ...client, ...target, method: 'GET' }),
      });
      for (const proxy of names) {
        const busy = slots.verdict(name, proxy, proxy)?.backendBusy ?? 0;
        if (busy > backendBusyMax) throw new Error(`${proxy} asked the backend in "${name}", so these are no hits`);
      }
    }
    const section = slotsSection({
      title: 'Answers from the cache per second of one core',
      unit: 'request',
      slots,
      proxies: names,
      versions: await field.versions(['wrk', 'luajit']),
      method: [
        pinnedMethod,
        ...fieldMethod,
        `${targets} objects, all fetched before the clock starts and fresh for a day; ${connections} connections from wrk, every head another one. The run fails where the backend was asked while it was measured. Every answer says that it was a hit.`,
        'Fairlead: a route with `proxy.cache=on`, hits from memory. nginx: proxy_cache in files on a file system in memory, sendfile, open_file_cache, and its default buffers, because larger ones are filled from the file for every hit. Varnish: storage in memory, one pool of threads, cookies taken out of requests, which its built-in rules would not answer from the cache.',
        "Varnish's own log is a ring in shared memory. `varnish` is with varnishncsa beside it, on the same core and counted as a part of it, which writes an access log to a file as the others have one; `varnish-no-log` is without.",
      ],
      context,
    });
    const works = cases.map(({ name }) => name);
    const besides = ['varnish', 'varnish-no-log']
      .filter((name) => names.includes(name))
      .map((name) => besideTable(slots, works, name));
    return { ...section, tables: [...besides, ...section.tables] };
  },
};
