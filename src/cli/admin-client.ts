import { type IncomingMessage, request } from 'node:http';
import { socketPath } from '../admin/socket-file.ts';
import type { ReachOptions } from './commands.ts';
import { readSettings } from './settings.ts';

/** Where the admin API of a running proxy is. */
export interface AdminTarget {
  readonly options: { readonly socketPath: string } | { readonly host: string; readonly port: number };
  readonly token: string | null;
  /** For people. */
  readonly text: string;
}

/** No proxy answers; the message says what to do. */
export class NotRunning extends Error {}

/** The socket in the data directory, or the address of `--admin`. A string says what is wrong with the options. */
export function adminTarget(
  reach: ReachOptions,
  env: Readonly<Record<string, string | undefined>>,
): AdminTarget | string {
  const flags = [
    ...(reach.data === undefined ? [] : [`--data=${reach.data}`]),
    ...(reach.admin === undefined ? [] : [`--admin=${reach.admin}`]),
    ...(reach.adminToken === undefined ? [] : [`--admin-token=${reach.adminToken}`]),
  ];
  const known = { FAIRLEAD_DATA: env.FAIRLEAD_DATA, FAIRLEAD_ADMIN_TOKEN: env.FAIRLEAD_ADMIN_TOKEN };
  const { settings, problems } = readSettings({ flags, env: known, cores: 1, terminal: false });
  const [problem] = problems;
  if (problem !== undefined) return `${problem.label}: expected ${problem.expected}`;
  if (reach.admin === undefined || settings.admin === null) {
    const path = socketPath(settings.dataDir);
    return { options: { socketPath: path }, token: null, text: path };
  }
  const { port } = settings.admin;
  const host = settings.admin.host ?? '127.0.0.1';
  return { options: { host, port }, token: settings.adminToken, text: reach.admin };
}

const usualWaitMs = 10_000;
const bodyBytesMax = 512 * 1024 ** 2;

export interface AdminQuestion {
  /** With the query. */
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  /** For the first byte of the answer, and between its parts. */
  readonly waitMs?: number;
}

export interface AdminAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Asks a running proxy.
 * @throws NotRunning when nobody answers.
 */
export async function askAdmin(target: AdminTarget, question: AdminQuestion): Promise<AdminAnswer> {
  const response = await send(target, question);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new NotRunning(`the answer of ${target.text} is too large`);
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
}

function send({ options, token, text }: AdminTarget, question: AdminQuestion): Promise<IncomingMessage> {
  const { path, method = 'GET', waitMs = usualWaitMs } = question;
  const headers = { Accept: 'application/json', ...(token === null ? {} : { Authorization: `Bearer ${token}` }) };
  return new Promise((resolve, reject) => {
    const asked = request({ ...options, path, method, headers, agent: false, timeout: waitMs }, resolve);
    asked.on('timeout', () => asked.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
    asked.on('error', (error: NodeJS.ErrnoException) =>
      reject(new NotRunning(whyNot(error, text, waitMs), { cause: error })),
    );
    asked.end();
  });
}

function whyNot({ code, message }: NodeJS.ErrnoException, text: string, waitMs: number): string {
  switch (code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return `no proxy runs here: nobody answers at ${text}; start one with \`fairlead\`, or say where it is with --data DIR or --admin ADDRESS`;
    case 'EACCES':
      return `this user may not open ${text}: ask as the user that runs the proxy`;
    case 'ETIMEDOUT':
      return `the proxy at ${text} does not answer within ${waitMs / 1000} s`;
    default:
      return `the proxy at ${text} cannot be asked: ${code ?? message}`;
  }
}
