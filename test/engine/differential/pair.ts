import { isDeepStrictEqual } from 'node:util';
import { createH1Engine } from '../../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../../src/engine/node/engine.ts';
import { exceptionFor } from './exceptions.ts';
import { Lane } from './lane.ts';
import { judge, type Outcome } from './outcome.ts';
import { Recorder } from './recorder.ts';

/** One engine and the backend behind it. */
class Side {
  readonly #lane: Lane;
  readonly #recorder: Recorder;

  constructor(lane: Lane, recorder: Recorder) {
    this.#lane = lane;
    this.#recorder = recorder;
  }

  async run(parts: readonly string[]): Promise<Outcome> {
    const seen = await this.#lane.run(parts);
    while (!this.#recorder.settled) await new Promise(setImmediate);
    return judge(seen, this.#recorder.take());
  }

  close(): void {
    this.#lane.close();
    this.#recorder.close();
  }
}

export interface Comparison {
  readonly h1: Outcome;
  readonly node: Outcome;
  /** What must not be: faults of either engine, and what our codec let through although node's parser did not, or not so. */
  readonly faults: readonly string[];
  /** Names of the exceptions that were needed. */
  readonly exceptions: readonly string[];
}

/** Both engines side by side: the same bytes go through each to a backend of its own. */
export class Pair {
  readonly h1: Side;
  readonly node: Side;

  private constructor(h1: Side, node: Side) {
    this.h1 = h1;
    this.node = node;
  }

  static async open(): Promise<Pair> {
    const sides = [createH1Engine, createNodeEngine].map(async (makeEngine) => {
      const recorder = await Recorder.open();
      return new Side(await Lane.open(makeEngine(), recorder.port), recorder);
    });
    const [h1, node] = (await Promise.all(sides)) as [Side, Side];
    return new Pair(h1, node);
  }

  async run(parts: readonly string[]): Promise<Comparison> {
    const [h1, node] = await Promise.all([this.h1.run(parts), this.node.run(parts)]);
    return compare(h1, node, parts.join(''));
  }

  close(): void {
    this.h1.close();
    this.node.close();
  }
}

function compare(h1: Outcome, node: Outcome, bytes: string): Comparison {
  const faults = [...h1.faults.map((fault) => `h1: ${fault}`), ...node.faults.map((fault) => `node: ${fault}`)];
  const used: string[] = [];
  for (const [i, ours] of h1.forwarded.entries()) {
    const theirs = node.forwarded[i];
    if (isDeepStrictEqual(ours, theirs)) continue;
    const exception = exceptionFor({ ours, theirs, bytes });
    if (exception !== undefined) used.push(exception);
    else if (theirs === undefined) faults.push(`h1 forwards what node refuses: ${JSON.stringify(ours)}`);
    else faults.push(`h1 forwards ${JSON.stringify(ours)}, node ${JSON.stringify(theirs)}`);
    // What follows is read by one engine only, or by both in their own ways.
    break;
  }
  return { h1, node, faults, exceptions: used };
}
