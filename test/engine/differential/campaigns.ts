import { createH1Engine } from '../../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../../src/engine/node/engine.ts';
import { type Campaign, literal } from './campaign.ts';
import { type RequestCase, requestCase } from './generated-requests.ts';
import { type ResponseCase, responseCase } from './generated-responses.ts';
import { Pair } from './pair.ts';
import { checkRequests } from './request-check.ts';
import { checkResponses } from './response-check.ts';
import { ResponseLane } from './response-lane.ts';

/** Few bytes one by one, many in pieces of some. */
function partsOf(bytes: string, inParts: boolean): string[] {
  const step = inParts ? Math.ceil(bytes.length / 400) : bytes.length;
  return Array.from({ length: Math.ceil(bytes.length / step) }, (_, i) => bytes.slice(i * step, (i + 1) * step));
}

export const requestCampaign: Campaign<RequestCase> = {
  name: 'requests',
  cases: requestCase,
  open: async () => {
    const pair = await Pair.open();
    return { check: (one) => checkRequests(pair, one), close: () => pair.close() };
  },
  bytesOf: ({ bytes }) => bytes,
  withBytes: (_, bytes, { inParts }) => ({ bytes, parts: partsOf(bytes, inParts) }),
  entry: ({ bytes }) => `'NAME': ${literal(bytes)},`,
};

export const responseCampaign: Campaign<ResponseCase> = {
  name: 'responses',
  cases: responseCase,
  open: async () => {
    const lanes = { h1: await ResponseLane.open(createH1Engine()), node: await ResponseLane.open(createNodeEngine()) };
    const close = (): void => {
      lanes.h1.close();
      lanes.node.close();
    };
    return { check: (one) => checkResponses(lanes, one), close };
  },
  bytesOf: ({ bytes }) => bytes,
  withBytes: (one, bytes, { inParts }) => ({ ...one, bytes, parts: partsOf(bytes, inParts) }),
  entry: ({ bytes, ask, finish, late, when }) =>
    `['NAME', known('KIND', ${literal(bytes)}, { ask: '${ask}', finish: '${finish}', late: ${literal(late)}, when: '${when}' })],`,
};
