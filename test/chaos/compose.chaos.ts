import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ensureCompose } from '../../scripts/compose.ts';
import { ComposeProject } from '../../scripts/smoke/compose-project.ts';
import { fairleadImage } from '../support/engine.ts';
import { rounds, scenario } from './support/scenario.ts';
import { Site } from './support/site.ts';

const recreates = rounds(100);
const scalings = rounds(10);

/** The service `web`, as its users would write it, up by docker compose until the test ends. */
async function composed(t: TestContext) {
  const compose = await ensureCompose({ say: (line) => t.diagnostic(line) });
  const dir = mkdtempSync(join(tmpdir(), 'fl-compose-'));
  const file = join(dir, 'compose.yaml');
  const projects: ComposeProject[] = [];
  t.after(async () => {
    for (const project of projects) await project[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true, force: true });
  });
  const { site } = await Site.open(t, {
    ...{ image: fairleadImage(), backends: 0 },
    bring: async (site) => {
      const command = ['whoami', '--port', '3000', '--name', site.name];
      const web = { image: fairleadImage(), command, labels: site.labels() };
      // YAML reads JSON.
      writeFileSync(file, JSON.stringify({ services: { web } }));
      const { engine } = site;
      projects.push(await ComposeProject.up(file, { name: engine.mark, compose, engine, env: {} }));
    },
  });
  const [project] = projects;
  if (project === undefined) throw new Error('it was brought up');
  return { site, project };
}

scenario('docker compose up recreates the service', { rounds: recreates, allowed: 0 }, async (t) => {
  const { site, project } = await composed(t);
  for (let round = 0; round < recreates; round++) {
    await project.compose('up', '-d', '--force-recreate');
    await site.healthy(1);
    await site.served(50);
  }
  return site.end();
});

scenario('docker compose scales from 1 to 3 and back', { rounds: scalings, allowed: 0 }, async (t) => {
  const { site, project } = await composed(t);
  for (let round = 0; round < scalings; round++) {
    for (const count of [3, 1]) {
      await project.compose('up', '-d', '--no-recreate', '--scale', `web=${count}`);
      await site.healthy(count);
      await site.served();
    }
  }
  return site.end();
});
