import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createH1Engine } from '../../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../../src/engine/node/engine.ts';
import { knownResponses } from './known-responses.ts';
import { checkResponses, judge } from './response-check.ts';
import { ResponseLane } from './response-lane.ts';

/** What node's parser reads all the same, in one way only, or does not read at all. */
const nodeDiffers = new Map([
  ['an empty line before it', 'it skips line ends before a head'],
  ['an empty line of LF before it', 'it skips line ends before a head'],
  ['a Proxy-Connection that would close, in a 103', 'see the exceptions'],
  ['a Proxy-Connection that would close, in a 103, and a FIN', 'see the exceptions'],
  ['more lines than anybody sends', 'the size of the head is its limit'],
  ['a trailer that chunks', 'the field is not passed on'],
  ['a trailer that chunks, and an RST', 'the field is not passed on'],
  ['a trailer that chunks, for HTTP/1.0', 'the field is not passed on'],
]);

/** Answers that are longer, and repeat themselves, are cut at so many places. */
const placesMax = 60;

describe('answers of backends through both engines', () => {
  let lanes: { h1: ResponseLane; node: ResponseLane };
  before(async () => {
    lanes = { h1: await ResponseLane.open(createH1Engine()), node: await ResponseLane.open(createNodeEngine()) };
  });
  after(() => {
    lanes.h1.close();
    lanes.node.close();
  });

  for (const [name, { kind, about }] of knownResponses) {
    it(`${kind}: ${name}`, async () => {
      assert.deepEqual(await checkResponses(lanes, about), []);
      for (const [engine, lane] of Object.entries(lanes)) {
        if (engine === 'node' && nodeDiffers.has(name)) continue;
        const given = judge(about, await lane.run(about, about.parts));
        assert.deepEqual([engine, given.kind, given.faults], [engine, kind, []]);
      }
    });
  }

  it('are read by our own codec in two parts as in one', async () => {
    const tried = new Set<string>();
    for (const [name, { about }] of knownResponses) {
      const { bytes, ask } = about;
      if (tried.has(ask + bytes)) continue;
      tried.add(ask + bytes);
      const whole = judge(about, await lanes.h1.run(about, [bytes]));
      const step = Math.ceil(bytes.length / placesMax);
      for (let at = step; at < bytes.length; at += step) {
        const inParts = judge(about, await lanes.h1.run(about, [bytes.slice(0, at), bytes.slice(at)]));
        assert.deepEqual({ at, ...inParts }, { at, ...whole }, name);
      }
    }
  });
});
