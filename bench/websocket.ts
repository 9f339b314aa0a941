import type { Bench } from './bench.ts';
import { contest } from './contest.ts';
import { Field, fieldMethod, pinnedMethod } from './field.ts';
import { messageLoad } from './load.ts';
import { Slots } from './slots.ts';
import { slotsSection } from './slots-section.ts';

const connections = 64;
const cases = [
  { name: 'text of 125 B', messageBytes: 125 },
  { name: 'binary of 16 KiB', messageBytes: 16 * 1024 },
];

export const websocket: Bench = {
  name: 'websocket',
  about: 'WebSocket messages per second of one core, beside the same',
  async run(context) {
    const { signal, say } = context;
    await using field = await Field.open(context);
    const proxies = await field.startAll(['nginx', 'fairlead', 'haproxy', 'caddy', 'http-proxy']);
    const slots = new Slots();
    for (const { name, messageBytes } of cases) {
      say(`websocket: ${name}`);
      const client = { program: field.luajit, core: field.core, signal, connections, messageBytes };
      await contest(context, slots, {
        work: name,
        proxies,
        backend: field.backend,
        load: (target) => messageLoad({ ...client, ...target }),
      });
    }
    return slotsSection({
      title: 'WebSocket messages per second of one core',
      unit: 'message',
      slots,
      proxies: proxies.map(({ name }) => name),
      versions: await field.versions(['luajit']),
      method: [
        pinnedMethod,
        ...fieldMethod,
        `The client (bench/lua/ws-load.lua) keeps ${connections} connections busy in a closed loop: each sends a message, waits for the one of the same size that the backend sends back, and sends the next. A message counts once, when it is back, so it has passed the proxy twice. Client and backend only count bytes of frames made beforehand.`,
      ],
      context,
    });
  },
};
