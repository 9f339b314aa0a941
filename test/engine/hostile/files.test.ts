import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { upstreamFailure } from '../../../src/engine/upstream-failure.ts';
import { eventually } from '../../support/engine.ts';
import { rawClient } from '../../support/raw-client.ts';
import { engines } from './engines.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

for (const [name] of engines) {
  describe(`${name}, when its process may open no more files,`, () => {
    it('serves the connections it has, lives, and takes new ones when files are free again', async (t) => {
      const server = join(import.meta.dirname, 'files-server.ts');
      const child = spawn('sh', ['-c', 'ulimit -n 80 && exec "$0" "$@"', process.execPath, server, name], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      t.after(() => child.kill('SIGKILL'));
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      const port = Number(line.toString());
      const first = await rawClient(t, port);
      let closed = 0;
      const flood = Array.from({ length: 200 }, () =>
        connect(port, '127.0.0.1')
          .on('error', () => {})
          .on('close', () => closed++),
      );
      t.after(() => {
        for (const socket of flood) socket.destroy();
      });
      // The kernel has accepted them all; those that the process has no file for are closed, or wait for one.
      await eventually('files are used up', async () => closed > 50);
      first.write(get);
      assert.match(await first.until('x'), /^HTTP\/1.1 200 /);
      for (const socket of flood) socket.destroy();
      await eventually('a new connection is served', async () => {
        const fair = await rawClient(t, port);
        fair.write(get);
        return fair.until('x').catch(() => false);
      });
      assert.equal(child.exitCode, null);
    });
  });
}

test('no backend is to blame for what this machine has run out of', () => {
  const progress = { connected: false, ready: false, secure: false, answered: false, bodyTaken: false };
  for (const code of ['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']) {
    const { reason, source, retry } = upstreamFailure(Object.assign(new Error(code), { code }), progress);
    assert.deepEqual([reason, source, retry], ['proxy-full', 'proxy', 'never']);
  }
});
