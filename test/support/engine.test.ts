import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { addressOf, eventually, type TestEngine, testEngine, testEngine26 } from './engine.ts';
import { throwawayEngine } from './engine-daemon.ts';

for (const [name, engineFor, major] of [
  ['the main engine', testEngine, undefined],
  ['the second engine', testEngine26, '26'],
] as const) {
  test(`a container of ${name} can be dialled, and is gone after its test`, async (t) => {
    const engine = engineFor(t);
    if (major) assert.equal((await engine.docker.version()).Version.split('.')[0], major);
    const ids: string[] = [];
    await t.test('while the test runs', async (inner) => {
      ids.push(await servingContainer(engineFor(inner)));
    });
    for (const id of ids) await assert.rejects(engine.docker.getContainer(id).inspect(), { statusCode: 404 });
  });
}

test('a throwaway engine comes back after a stop and after a kill', async (t) => {
  const engine = await throwawayEngine(t);
  await engine.stop();
  assert.equal(existsSync(engine.socket), false);
  await engine.start();
  await engine.kill();
  assert.equal(existsSync(engine.socket), true);
  await assert.rejects(engine.docker.ping());
  await engine.start();
  await servingContainer(engine);
});

async function servingContainer(engine: TestEngine): Promise<string> {
  const network = await engine.network();
  const { Name } = await network.inspect();
  const container = await engine.container({ env: { NAME: 'hello' }, networks: [Name, 'bridge'] });
  for (const where of [Name, 'bridge']) {
    const url = `http://${await addressOf(container, where)}:3000/`;
    const answer = await eventually(`${url} answers`, () =>
      fetch(url).then(
        (got) => got.text(),
        () => undefined,
      ),
    );
    assert.equal(answer, 'hello\n');
  }
  return container.id;
}
