import type { Bench } from './bench.ts';
import { contest } from './contest.ts';
import { Field, fieldMethod, pinnedMethod } from './field.ts';
import { requestLoad } from './load.ts';
import { smallGet } from './requests-cases.ts';
import { Slots } from './slots.ts';
import { stepsCases } from './steps-cases.ts';
import { stepsSection } from './steps-section.ts';

/** Until the code that all routes share is compiled: the first would pay for all. */
const warmSeconds = 5;
/** The answer that is kept is one of these. */
const targets = 256;
const { name: work, connections } = smallGet;
const hostOf = (name: string) => `${name}.bench.test`;

export const steps: Bench = {
  name: 'steps',
  about: 'what each label that works on a request adds to its CPU',
  async run(context) {
    const { signal, say } = context;
    await using field = await Field.open(context);
    const cases = await stepsCases();
    for (const { name, labels } of cases) await field.addRoute(name, hostOf(name), labels);
    const fairlead = await field.start('fairlead');
    if (fairlead === null) throw new Error('Fairlead was not started');
    const { port, pid, accessLog } = fairlead;
    say('steps');
    const slots = new Slots();
    const client = { program: field.wrk, core: field.core, signal, targets, ...smallGet };
    await requestLoad({ ...client, port, seconds: warmSeconds, host: hostOf(cases[0].name) });
    await contest(context, slots, {
      work,
      proxies: cases.map(({ name }) => ({ name, port, pid, accessLog })),
      backend: { port: null, pid: field.backend.pid },
      load: (target, runner) => {
        const { name, path, fields } = cases.find((of) => of.name === runner?.name) ?? cases[0];
        const more = { ...(path === undefined ? {} : { path }), ...(fields === undefined ? {} : { fields }) };
        return requestLoad({ ...client, ...target, ...more, host: hostOf(name) });
      },
    });
    return stepsSection({
      slots,
      work,
      cases,
      versions: await field.versions(['wrk', 'luajit']),
      method: [
        pinnedMethod,
        ...fieldMethod,
        `Work: ${work} with ${connections} connections from wrk, every head another one, with ${targets} targets.`,
      ],
      context,
    });
  },
};
