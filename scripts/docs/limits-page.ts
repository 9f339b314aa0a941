import { sizeText } from '../../src/base/size.ts';
import { limitRows } from '../../src/cli/limit-rows.ts';
import { compressorsMax } from '../../src/compress/compressors.ts';
import { headroomBytes, readBytes } from '../../src/engine/h1/backend-socket.ts';
import { extensionBytesMax, sizeDigitsMax, trailerBytesMax } from '../../src/engine/h1/chunked-decoder.ts';
import { discardBytesMax, lingerBytesMax, stepsMax, waitingBytesMax } from '../../src/engine/h1/connection-world.ts';
import { tickMs } from '../../src/engine/h1/deadlines.ts';
import { fieldLinesMax } from '../../src/engine/h1/field-lines.ts';
import { digitsMax } from '../../src/engine/h1/framing.ts';
import { methodLengthMax } from '../../src/engine/h1/request-head.ts';
import { interimMax } from '../../src/engine/h1/response-reader.ts';
import { poolsMax } from '../../src/engine/h1/upstream.ts';
import { unsentBytesMax } from '../../src/engine/h1/wire.ts';
import type { Limits } from '../../src/engine/limits.ts';
import { pipelinedMax } from '../../src/engine/node/connection.ts';
import { defaultEngineOptions } from '../../src/engine/options.ts';
import { failureKinds, type Reason } from '../../src/http/failure.ts';
import { budgetPerSecond, budgetSeconds, budgetShare } from '../../src/upstream/retry-budget.ts';
import { heldAllMax, heldRouteMax } from '../../src/upstream/waiting-room.ts';
import { measuredText } from './limits-measured.ts';

/** What happens to who is beyond a limit. A limit without a word here does not compile. */
const consequences: Readonly<Record<keyof Limits, string>> = {
  connectionsMax:
    'a connection that waits for a request is closed to make room; where none does, the new one is closed',
  perAddressMax: 'the same among the connections of this address; nobody else is touched',
  requestsMax: 'the last answer says `Connection: close`, and the connection ends',
  headBytesMax: `${answer('headers-too-large')}, then close`,
  uriBytesMax: `${answer('uri-too-long')}, then close`,
  fieldLinesMax: `${answer('headers-too-large')}, then close`,
  paceBytes: `${answer('request-timeout')}, then close; RST where an answer has begun. The backend sees its request cut`,
  responseHeadBytesMax: `${answer('backend-invalid')}; the connection to the backend is closed`,
  responseLinesMax: `${answer('backend-invalid')}; the connection to the backend is closed`,
  idleSocketsMax: 'the connection to the backend is closed after its answer',
  headTimeoutMs: `${answer('request-timeout')}, then close; a plain close where not one byte has come`,
  idleTimeoutMs: 'a plain close',
  stallMs: `a body: ${answer('request-timeout')}, then close. An answer that is not taken: RST, so that it does not look whole`,
  idleSocketMs: 'a plain close',
  tunnelCloseMs: 'both sides are cut',
};

function answer(reason: Reason): string {
  return `${failureKinds[reason].status} [\`${reason}\`](reasons.md#${reason})`;
}

const { lingerMs, continueWaitMs, idleSocketsTotalMax } = defaultEngineOptions;

/** Limits that nobody has to set, and why they are what they are. */
const constants: readonly (readonly [what: string, value: string, why: string])[] = [
  [
    'Requests, and parts of a body, that one client gets read in one turn',
    `${stepsMax}`,
    'who asks much at once waits until all others have had their turn',
  ],
  [
    'Bytes that wait behind the request being served',
    sizeText(waitingBytesMax),
    'more stays in the kernel, and with the sender',
  ],
  [
    'Unwanted rest of a request body that is swallowed to keep the connection',
    sizeText(discardBytesMax),
    'reading more costs more than a new connection',
  ],
  [
    'What is read, and thrown away, behind the last answer of a connection',
    `${sizeText(lingerBytesMax)}, ${lingerMs / 1000} s`,
    'so that the client reads that answer instead of an RST (RFC 9112 §9.6)',
  ],
  ["Wait for a backend's word on `Expect: 100-continue`", `${continueWaitMs / 1000} s`, 'as long as curl waits'],
  ['Method', `${methodLengthMax} characters`, 'the longest registered one has 17; more is 400'],
  ['Content-Length', `${digitsMax} digits`, 'stays exact; more is 400'],
  ['Chunk size', `${sizeDigitsMax} hex digits, zeros included`, 'stays exact; more is 400, or 502 from a backend'],
  ['Chunk extensions of one body, together', sizeText(extensionBytesMax), 'legal, and nobody uses them; more is 400'],
  [
    'Trailer section',
    `${sizeText(trailerBytesMax)}, ${fieldLinesMax} lines`,
    'more is 400; from a backend the answer is cut',
  ],
  ['Interim answers (1xx) to one request', `${interimMax}, together as large as one head of an answer`, 'more is 502'],
  [
    'One read from a backend',
    `${sizeText(readBytes)}, in a buffer of ${sizeText(readBytes + headroomBytes)}`,
    'the whole memory for an answer on its way, however large it is',
  ],
  ['Text that waits for a reader', sizeText(unsentBytesMax), 'beyond it the backend is not read from'],
  [
    'Connections that a worker keeps to all backends together',
    `${idleSocketsTotalMax}`,
    `each has its buffer: ${Math.round((idleSocketsTotalMax * (readBytes + headroomBytes)) / 1024 ** 2)} MiB at most`,
  ],
  [
    'Requests that wait for a backend (`proxy.wait`, `proxy.maxconn.queue`)',
    `${heldRouteMax} of each route, ${heldAllMax} of all, by each worker`,
    'one more is answered at once; only heads are held, bodies stay with their clients',
  ],
  [
    'Requests that are sent once more',
    `${Math.round(budgetShare * 100)} % of those of the last ${budgetSeconds} s and ${budgetPerSecond} a second, by route and worker`,
    'a backend that dies under its load does not get twice that load; beyond it a failure is the answer',
  ],
  [
    'Bodies that are compressed (`proxy.compress`)',
    `${compressorsMax} at a time by each worker`,
    'one more goes as it is; each holds up to 2.2 MB ([compression.md](compression.md))',
  ],
  ['Backends with connections of their own', `${poolsMax}`, 'only keeps a mistake from growing'],
  ['Sharpness of all these times', `${tickMs} ms`, 'they may end that much later, never earlier'],
];

/** docs/limits.md. */
export function limitsPage(): string {
  const rows = (Object.keys(limitRows) as (keyof Limits)[]).map((key) => {
    const { name, default: value, help } = limitRows[key];
    return `| \`${name}\` | ${value} | ${help.replace(/; (?:more|less|longer) is \d{3}|\s*\((?:408|cut)\)/g, '')} | ${consequences[key]} |`;
  });
  return `# Limits

<!-- Generated from the code by \`npm run docs\`; edits here are lost. -->

Everything that a client or a backend can make grow has a bound, and everything they can make wait has a deadline. This page has all of
them. Times and sizes of single routes (\`proxy.timeout\` and others) are in [labels.md](labels.md).

## What can be set

| setting | default | bounds | beyond it |
| --- | --- | --- | --- |
${rows.join('\n')}

Bounds of the values are in [settings.md](settings.md). Connections are counted over all workers together. \`/status\` counts those that
were turned away as accepted but not handled, and the log tells of them every ten seconds at most.

## What stays as it is

| what | value | why |
| --- | --- | --- |
${constants.map((row) => `| ${row.join(' | ')} |`).join('\n')}

With \`FAIRLEAD_ENGINE=node\` sizes and deadlines are the same where they are settings. Differences: a new connection never takes the place
of a waiting one; ${pipelinedMax} requests may wait behind the one being served, the next ends the connection; chunk extensions and kept
connections are bounded for each chunk and each backend, not together; slow readers are cut at their deadline only.

## Who attacks how, and what it comes to

| attack | its end | what it holds until then |
| --- | --- | --- |
| silent connections, heads that drip | FAIRLEAD_TIMEOUT_HEAD after the first byte, or after the connection was made, whatever drips | a head: FAIRLEAD_LIMIT_HEAD |
| bodies that drip | FAIRLEAD_TIMEOUT_STALL after FAIRLEAD_LIMIT_PACE last came | ${sizeText(waitingBytesMax)} here, and a request of the backend |
| answers that are not read, or drop by drop | FAIRLEAD_TIMEOUT_STALL after it was given something that it has not taken; see below | ${sizeText(readBytes + headroomBytes)} here, and what the kernel holds |
| connection floods | at once: the newest is closed, or an idle one makes room | nothing beyond FAIRLEAD_LIMIT_CONNECTIONS |
| no file left for a connection | it is closed; those that stand go on | nothing |
| pipelines without reading | one answer is made at a time, and the next when the kernel has taken it: then as above | ${sizeText(2 * waitingBytesMax)} |
| heads, targets, lines, names, extensions, trailers without end | at their limit | at most the limit |
| bodies that go on behind an answer | ${lingerMs / 1000} s or ${sizeText(lingerBytesMax)} | nothing |
| interim answers without end (backend) | with more than ${interimMax}, or than one head may have | as large as one head |
| WebSockets of which one side takes nothing of what it is sent | FAIRLEAD_TIMEOUT_STALL: both sides are cut | about ${sizeText(2 * waitingBytesMax)} |
| WebSockets that say nothing | \`proxy.ws.timeout\`, 24 h | two connections, which count as one of the client |

**Why a pace for bodies, and none for answers.** A body that brings one byte a minute keeps a backend busy, often with a thread of its
own, so it has to bring FAIRLEAD_LIMIT_PACE in each FAIRLEAD_TIMEOUT_STALL. Who streams less on purpose sets it to 1. For answers
the deadline is a pace already: not any byte counts, but the whole of what was given, ${sizeText(readBytes)} at most, so that a client that takes less
than about 1 KiB a second is cut. Time in which the backend has nothing to say counts for nobody: event streams and long polls may
be silent as long as \`proxy.timeout\` allows.

**What N slow readers cost.** Here N × ${sizeText(readBytes + headroomBytes)}, at most FAIRLEAD_LIMIT_CONNECTIONS times: 1.1 GiB by default if every single
connection is one; lower it on a small machine. The kernel holds more: up to \`tcp_wmem\` (often 4 MiB) for each client and \`tcp_rmem\` (6 MiB or
more) for each backend connection, out of a store (\`tcp_mem\`, about a tenth of the machine) that all connections of the machine share. When
that store runs short, all of them become slow. Measured with 300 and 1,000 slow readers, other clients did not notice; cutting the slowest
readers by then freed half of that memory, gained the others nothing and could hit honest clients, so it is not done.
Smaller buffers need less: \`docker run --sysctl net.ipv4.tcp_wmem="4096 16384 1048576" --sysctl
net.ipv4.tcp_rmem="4096 131072 1048576"\`, or \`sysctls:\` in compose.

${measuredText}`;
}
