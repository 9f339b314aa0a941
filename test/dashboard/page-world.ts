import type { TestContext } from 'node:test';
import type { AdminSettings } from '../../src/admin/admin-context.ts';
import type { ControlView } from '../../src/admin/control-view.ts';
import { startAdmin } from '../../src/admin/server.ts';
import { createLog } from '../../src/base/log.ts';
import { adminSettings, temporaryDirectory, type ViewText, view } from '../admin/admin-world.ts';

/** An admin API whose containers, certificates and numbers the test changes while a page looks on. */
export async function pageWorld(t: TestContext, about: ViewText = {}, settings: Partial<AdminSettings> = {}) {
  let current = view(about);
  const changing = new Proxy({} as ControlView, { get: (_target, name) => Reflect.get(current, name) });
  const start = async (port: number) => {
    const admin = await startAdmin({
      settings: adminSettings({
        ...{ admin: { host: '127.0.0.1', port }, dataDir: temporaryDirectory(t), https: { port: 443 } },
        ...settings,
      }),
      view: changing,
      log: createLog({ level: 'silent', format: 'json' }),
    });
    t.after(() => admin.close());
    return admin;
  };
  let admin = await start(0);
  const port = admin.port as number;
  return {
    origin: `http://127.0.0.1:${port}`,
    /** From now on this is so. */
    show: (next: ViewText) => {
      current = view(next);
    },
    stop: () => admin.close(),
    /** Again, at the same address. */
    restart: async () => {
      admin = await start(port);
    },
  };
}
