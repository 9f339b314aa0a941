import { isDeepStrictEqual } from 'node:util';
import type { RequestCase } from './generated-requests.ts';
import { type Outcome, summary } from './outcome.ts';
import type { Pair } from './pair.ts';
import { headBytesMax, type ModelRequest, readPipeline } from './request-model.ts';
import type { StrictMessage } from './strict-message.ts';

/** Written by the proxy, or by the engine, whatever the client has sent. */
const written = /^(?:x-forwarded-.*|x-real-ip|x-request-id|content-length|transfer-encoding|connection|te|upgrade)$/i;
/** Fields of the grammar that mean nothing to a proxy. */
const meaningless = /^(?:X-A|x-b|X-LONGER-NAME|Accept|Cookie|User-Agent|Via|Date|Range)$/;

/** A head that is too large and broken as well is refused for what is seen first, which depends on how much of it comes at once. */
function anyRefusal(outcome: Outcome): Outcome {
  const answers = outcome.answers.map(({ status, serial }) => ({ status: serial === null ? 400 : status, serial }));
  return { ...outcome, answers };
}

/** All that must not be: of the two engines, of our codec against the model, and of its reading in parts. */
export async function checkRequests(pair: Pair, { bytes, parts }: RequestCase): Promise<string[]> {
  const { h1, faults } = await pair.run([bytes]);
  const verdict = readPipeline(bytes);
  const found = [...faults, ...checkAgainstModel(h1, bytes)];
  if (parts.length > 1) {
    const inParts = await pair.h1.run(parts);
    found.push(...inParts.faults.map((fault) => `h1 in parts: ${fault}`));
    const [one, other] = [h1, inParts].map((outcome) =>
      summary(bytes.length > headBytesMax ? anyRefusal(outcome) : outcome),
    );
    if (verdict.certain === Infinity && !isDeepStrictEqual(one, other))
      found.push(`h1 in parts differs: ${JSON.stringify(other)} from ${JSON.stringify(one)}`);
  }
  return found;
}

function checkAgainstModel(outcome: Outcome, bytes: string): string[] {
  const { forwarded, certain, end } = readPipeline(bytes);
  const faults: string[] = [];
  for (const [i, message] of outcome.forwarded.entries()) {
    const wanted = forwarded[i];
    if (wanted === undefined) faults.push(`h1 forwards more than the model: ${JSON.stringify(message)}`);
    else faults.push(...compareWithModel(message, wanted));
  }
  if (outcome.forwarded.length < Math.min(certain, forwarded.length))
    faults.push(`h1 refuses what the model passes: ${JSON.stringify(forwarded[outcome.forwarded.length])}`);
  if (faults.length > 0 || certain < Infinity || end === 'head') return faults;
  if (outcome.closedFirst !== (end !== 'waits'))
    faults.push(`h1 ${outcome.closedFirst ? 'closes' : 'goes on'}, the model says ${end}`);
  const refused = outcome.answers.some(({ status }) => status !== 200);
  if (end === 'refused' && !refused) faults.push('h1 closes without a word');
  return faults;
}

function compareWithModel({ start, fields, body }: StrictMessage, wanted: ModelRequest): string[] {
  const faults: string[] = [];
  if (start[0] !== wanted.method || start[1] !== wanted.target || body !== wanted.body)
    faults.push(`h1 forwards ${JSON.stringify([...start, body])}, the model ${JSON.stringify(wanted)}`);
  const rest = [...wanted.fields];
  for (const [name, value] of fields) {
    if (written.test(name)) continue;
    const at = rest.findIndex((line) => line[0] === name && line[1] === value);
    if (at < 0) faults.push(`h1 invents or moves a line: ${name}: ${value}`);
    for (const [lost] of rest.splice(0, at + 1).slice(0, -1))
      if (isLost(lost, wanted)) faults.push(`h1 loses a line: ${lost}`);
  }
  for (const [lost] of rest) if (isLost(lost, wanted)) faults.push(`h1 loses a line: ${lost}`);
  return faults;
}

/** Whether there was no reason to leave it out. */
function isLost(name: string, { fields }: ModelRequest): boolean {
  if (!meaningless.test(name)) return false;
  const named = fields
    .filter(([other]) => other.toLowerCase() === 'connection')
    .map(([, value]) => value.toLowerCase());
  return !named.some((value) => value.includes(name.toLowerCase()));
}
