import { isDeepStrictEqual } from 'node:util';
import { responseExceptions } from './exceptions.ts';
import type { ResponseCase } from './generated-responses.ts';
import type { ResponseLane, ResponseSeen } from './response-lane.ts';
import { type Fields, type ResponseVerdict, readAnswer } from './response-model.ts';
import { readResponse, type StrictMessage } from './strict-message.ts';

/** What a client was given of an answer. */
export interface Given {
  readonly kind: 'whole' | 'refused' | 'cut';
  readonly interims: readonly StrictMessage[];
  readonly final: StrictMessage | null;
  readonly faults: readonly string[];
}

const expected = (target: string): string =>
  `HTTP/1.1 200 OK\r\nX-Target: ${target}\r\nContent-Length: ${target.length}\r\n\r\n${target}`;
/** Fields about a connection that is not the client's. */
const neverGiven = /^(?:keep-alive|proxy-connection|proxy-authenticate|upgrade|te)$/i;
const connectionFields = /^(?:connection|transfer-encoding|content-length|trailer)$/i;

/** Reads what the first client got, and says what must not be. */
export function judge(about: ResponseCase, seen: ResponseSeen): Given {
  const faults = [...seen.faults];
  if (seen.second !== expected('/second')) faults.push(`the next client got ${JSON.stringify(seen.second)}`);
  if (seen.firstEnd === 'open' && seen.again !== expected('/again'))
    faults.push(`then the client got ${JSON.stringify(seen.again)}`);
  const given = readGiven(about, seen, faults);
  const messages = given.final === null ? given.interims : [...given.interims, given.final];
  for (const message of messages) if (message.start[0] !== '101') checkFields(message, faults);
  return { ...given, faults };
}

function readGiven({ ask }: ResponseCase, { first, firstEnd }: ResponseSeen, faults: string[]): Omit<Given, 'faults'> {
  const interims: StrictMessage[] = [];
  const bodyless = (status: number): boolean => status < 200 || status === 204 || status === 304 || ask === 'HEAD';
  for (let rest = first; ; ) {
    const reading = readResponse(rest, bodyless, { closed: firstEnd === 'ended' });
    if (reading === 'more') {
      if (firstEnd !== 'reset') faults.push(`half an answer, and no visible end: ${JSON.stringify(rest)}`);
      return { kind: 'cut', interims, final: null };
    }
    if ('fault' in reading) {
      faults.push(`answer: ${reading.fault}`);
      return { kind: 'cut', interims, final: null };
    }
    const { message, end } = reading;
    rest = rest.slice(end);
    // What follows is no HTTP.
    if (ask === 'upgrade' && message.start[0] === '101') return { kind: 'whole', interims, final: message };
    if (Number(message.start[0]) < 200) {
      interims.push(message);
      continue;
    }
    if (rest !== '') faults.push(`bytes behind the answer: ${JSON.stringify(rest)}`);
    const own = message.fields.some(([name]) => name === 'Proxy-Status');
    return { kind: own ? 'refused' : 'whole', interims, final: own ? null : message };
  }
}

function checkFields({ start: [status], fields, trailers }: StrictMessage, faults: string[]): void {
  for (const [name, value] of fields) {
    if (neverGiven.test(name)) faults.push(`${name} was passed on`);
    if (name.toLowerCase() === 'connection' && !/^(?:close|keep-alive)$/.test(value)) faults.push(`${name}: ${value}`);
    if (Number(status) < 200 && connectionFields.test(name)) faults.push(`${name} in ${status}`);
  }
  for (const [name] of trailers)
    if (connectionFields.test(name) || /^(?:host|set-cookie|authorization|x-forwarded-.*)$/i.test(name))
      faults.push(`trailer ${name}`);
}

/** How what was given differs from what the model says. */
export function compareWithModel(about: ResponseCase, given: Given, model: ResponseVerdict): string[] {
  if (given.kind !== model.kind) return [`${given.kind}, the model says ${model.kind}`];
  const faults: string[] = [];
  if (given.kind === 'whole' && given.final !== null && model.final !== null) {
    const { start, body, fields, trailers } = given.final;
    if (Number(start[0]) !== model.final.status)
      faults.push(`status ${start[0]}, the model says ${model.final.status}`);
    if (body !== model.final.body)
      faults.push(`body ${JSON.stringify(body)}, the model says ${JSON.stringify(model.final.body)}`);
    faults.push(...compareLines(fields, model.final.fields), ...compareLines(trailers, model.final.trailers));
    const informed = model.interims.filter(({ status }) => status !== 100 && about.ask !== 'GET of HTTP/1.0');
    const told = given.interims.filter(({ start: [status] }) => status !== '100');
    if (told.map(({ start }) => start[0]).join() !== informed.map(({ status }) => status).join())
      faults.push(
        `interim ${told.map(({ start }) => start[0])}, the model says ${informed.map(({ status }) => status)}`,
      );
  }
  const asked = given.interims.filter(({ start }) => start[0] === '100').length;
  if (asked > (about.ask === 'expecting POST' ? 1 : 0)) faults.push(`${asked} times 100`);
  return faults;
}

/** No line that the backend has not sent, in another order, or with another value. */
function compareLines(given: Fields, sent: Fields): string[] {
  const rest = [...sent];
  const faults: string[] = [];
  for (const [name, value] of given) {
    if (connectionFields.test(name)) continue;
    const at = rest.findIndex((line) => line[0] === name && line[1] === value);
    if (at < 0) faults.push(`invents or moves a line: ${name}: ${value}`);
    rest.splice(0, at + 1);
  }
  return faults;
}

/** All that must not be: of the two engines, of our codec against the model, and of its reading in parts. */
export async function checkResponses(
  lanes: { h1: ResponseLane; node: ResponseLane },
  about: ResponseCase,
): Promise<string[]> {
  const [whole, other] = await Promise.all([lanes.h1.run(about, [about.bytes]), lanes.node.run(about, [about.bytes])]);
  const [h1, node] = [judge(about, whole), judge(about, other)];
  const model = readAnswer(about.bytes, about.ask, about.finish);
  const faults = [...h1.faults.map((fault) => `h1: ${fault}`), ...node.faults.map((fault) => `node: ${fault}`)];
  // The answer to an upgrade is read by node's parser in both engines.
  if (about.ask !== 'upgrade') faults.push(...compareWithModel(about, h1, model).map((fault) => `h1 ${fault}`));
  if (whole.sameConnection && (!model.kept || about.ask === 'upgrade'))
    faults.push('h1 goes on with a connection that has said too much');
  if (whole.sameConnection && about.late !== '') faults.push('h1 goes on with a connection that spoke unasked');
  if (!responseExceptions.some(({ covers }) => covers(about.bytes))) faults.push(...compareEngines(h1, node));
  if (about.parts.length > 1) {
    const inParts = judge(about, await lanes.h1.run(about, about.parts));
    faults.push(...inParts.faults.map((fault) => `h1 in parts: ${fault}`));
    if (inParts.kind !== h1.kind || (h1.kind === 'whole' && !isDeepStrictEqual(inParts.final, h1.final)))
      faults.push(
        `h1 in parts differs: ${JSON.stringify([inParts.kind, inParts.final])} from ${JSON.stringify([h1.kind, h1.final])}`,
      );
  }
  return faults;
}

/** Whatever the reference engine does not pass whole, our codec does not either; what both pass is the same. */
function compareEngines(h1: Given, node: Given): string[] {
  if (h1.kind !== 'whole') return [];
  if (node.kind !== 'whole') return [`h1 passes what node does not: ${JSON.stringify(h1.final)}`];
  return isDeepStrictEqual(h1.final, node.final)
    ? []
    : [`h1 gives ${JSON.stringify(h1.final)}, node ${JSON.stringify(node.final)}`];
}
