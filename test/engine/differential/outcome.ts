import type { Seen } from './lane.ts';
import type { Record, Recorded } from './recorder.ts';
import { readResponse, type StrictMessage } from './strict-message.ts';

export interface Answer {
  readonly status: number;
  /** Which request of the backend it answers; null = it is the proxy's own. */
  readonly serial: number | null;
}

/** What became of the bytes of one case on one engine. */
export interface Outcome {
  readonly answers: readonly Answer[];
  /** Requests that reached the backend whole. */
  readonly forwarded: readonly StrictMessage[];
  /** The last request reached the backend in part, and was cut there. */
  readonly cut: boolean;
  readonly closedFirst: boolean;
  /** What must not be, whatever was sent. */
  readonly faults: readonly string[];
}

/** Fields that a proxy must not pass on, or must not be talked into passing on. */
const neverForwarded = new Set(['keep-alive', 'proxy-connection', 'proxy-authorization', 'proxy', 'forwarded']);
/** One protocol that is none of HTTP's own. */
const tunnelled = /^(?!h2c|http|tls)[\w!#$%&'*+\-.^`|~]+(\/[\w!#$%&'*+\-.^`|~]+)?$/i;
/** What a CGI-style backend would take for a field that frames, routes, or says who asks. */
const folded =
  /^(content-length|transfer-encoding|host|connection|te|trailer|upgrade|expect|forwarded|proxy|x-real-ip|x-request-id|x-forwarded-.*)$/i;

export function judge(seen: Seen, record: Record): Outcome {
  const faults = [...record.faults];
  const answers = readAnswers(seen, record.requests, faults);
  const serials = answers.flatMap(({ serial }) => (serial === null ? [] : [serial]));
  const expected = record.requests.map(({ serial }) => serial).slice(0, serials.length);
  if (serials.join() !== expected.join()) faults.push(`answers ${serials} to requests ${expected}`);
  if (answers.length > seen.methods.length + 1)
    faults.push(`${answers.length} answers to ${seen.methods.length} requests`);
  if (record.requests.length > seen.methods.length)
    faults.push(`${record.requests.length} requests at the backend of ${seen.methods.length}`);
  if (record.partial.length > 1) faults.push('more than one request was cut');
  for (const { message } of record.requests) checkForwarded(message, faults);
  return {
    answers,
    forwarded: record.requests.map(({ message }) => comparable(message)),
    cut: record.partial.length > 0,
    closedFirst: seen.closedFirst,
    faults,
  };
}

function readAnswers(seen: Seen, requests: readonly Recorded[], faults: string[]): Answer[] {
  const answers: Answer[] = [];
  let rest = seen.bytes;
  while (rest !== '') {
    const method = seen.methods[answers.filter(({ status }) => status >= 200).length];
    const isLast = rest.indexOf('\r\n\r\n') + 4 === rest.length;
    const refusal = !/\r\nX-Serial: /.test(rest.slice(0, rest.indexOf('\r\n\r\n'))) && isLast;
    const reading = readResponse(
      rest,
      (status) => status < 200 || status === 204 || status === 304 || method === 'HEAD' || refusal,
      { closed: seen.closedFirst },
    );
    if (reading === 'more') {
      if (!seen.reset) faults.push(`half an answer: ${JSON.stringify(rest)}`);
      break;
    }
    if ('fault' in reading) {
      faults.push(`answer: ${reading.fault}`);
      break;
    }
    rest = rest.slice(reading.end);
    const status = Number(reading.message.start[0]);
    if (status < 200) continue;
    const serial = reading.message.fields.find(([name]) => name === 'X-Serial')?.[1];
    answers.push({ status, serial: serial === undefined ? null : Number(serial) });
    const { body } = reading.message;
    if (serial !== undefined && body !== '' && body !== `serial ${serial}`) faults.push(`body of another: ${body}`);
    if (serial !== undefined && requests.every((one) => one.serial !== Number(serial)))
      faults.push(`the answer to request ${serial} came to a client that had not asked`);
  }
  return answers;
}

function checkForwarded({ start: [method, target], fields, trailers }: StrictMessage, faults: string[]): void {
  if (method === 'CONNECT' || method === 'TRACE') faults.push(`${method} was forwarded`);
  if (!target.startsWith('/') && !(target === '*' && method === 'OPTIONS')) faults.push(`target ${target}`);
  const count = (wanted: string): number => fields.filter(([name]) => name.toLowerCase() === wanted).length;
  for (const name of ['host', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'x-request-id'])
    if (count(name) !== 1) faults.push(`${count(name)} lines of ${name}`);
  for (const [name, value] of fields) {
    if (neverForwarded.has(name.toLowerCase()) || (name.includes('_') && folded.test(name.replaceAll('_', '-'))))
      faults.push(`${name} was forwarded`);
    if (name.toLowerCase() === 'upgrade' && !tunnelled.test(value)) faults.push(`Upgrade: ${value}`);
    const options = [count('te') > 0 ? 'TE' : '', count('upgrade') > 0 ? 'Upgrade' : ''].filter(Boolean).join(', ');
    if (name.toLowerCase() === 'connection' && value !== options) faults.push(`Connection: ${value}`);
    if (name.toLowerCase() === 'te' && value !== 'trailers') faults.push(`TE: ${value}`);
    if (name.toLowerCase() === 'x-forwarded-for' && value !== '127.0.0.1') faults.push(`${name}: ${value}`);
  }
  for (const [name] of trailers)
    if (/^(content-length|transfer-encoding|host|connection|x-forwarded-.*|authorization|cookie)$/i.test(name))
      faults.push(`trailer ${name}`);
}

/** Without what differs from run to run. */
function comparable(message: StrictMessage): StrictMessage {
  return {
    ...message,
    fields: message.fields.filter(([name]) => name !== 'X-Request-Id' && name !== 'X-Forwarded-Port'),
  };
}

/** What two runs of the same bytes on one engine must agree in, however the bytes were cut. */
export function summary({ answers, forwarded, closedFirst }: Outcome): object {
  return { answers: answers.map(({ status, serial }) => [status, serial !== null]), forwarded, closedFirst };
}
