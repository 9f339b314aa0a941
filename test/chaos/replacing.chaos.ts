import type Docker from 'dockerode';
import { fairleadImage } from '../support/engine.ts';
import { rounds, scenario } from './support/scenario.ts';
import { Site } from './support/site.ts';

const replacements = rounds(100);

scenario('rolling replacement', { rounds: replacements, allowed: 0 }, async (t) => {
  const { site, containers } = await Site.open(t, { image: fairleadImage(), backends: 1 });
  let old = containers[0] as Docker.Container;
  for (let round = 0; round < replacements; round++) {
    const next = await site.backend();
    await site.healthy(2);
    await old.stop();
    await old.remove();
    old = next;
  }
  return site.end();
});

scenario('recreate: the old one goes first', { rounds: replacements, allowed: 0 }, async (t) => {
  const { site, containers } = await Site.open(t, { image: fairleadImage(), backends: 1 });
  let old = containers[0] as Docker.Container;
  for (let round = 0; round < replacements; round++) {
    await old.stop();
    await old.remove();
    old = await site.backend();
    await site.healthy(1);
    await site.served(50);
  }
  return site.end();
});

scenario('docker restart of the only backend', { rounds: replacements, allowed: 0 }, async (t) => {
  const { site, containers } = await Site.open(t, { image: fairleadImage(), backends: 1 });
  for (let round = 0; round < replacements; round++) {
    await containers[0]?.restart();
    await site.healthy(1);
    await site.served(50);
  }
  return site.end();
});
