import { begunText, triedText } from '../admin/renew-text.ts';
import { terminalText } from '../admin/text-table.ts';
import type { RenewAnswer } from '../tls/renew-answer.ts';
import { answerOf } from './ask.ts';
import type { ReachOptions } from './commands.ts';
import { exitCodes, type Terminal } from './terminal.ts';

/** An order may wait for the TXT records of a slow provider, and a dry run is told only when it has ended. */
const waitMs = 10 * 60_000;

export interface RenewOptions extends ReachOptions {
  readonly dry?: true;
  readonly json?: true;
}

type Of<K extends RenewAnswer['kind']> = Omit<Extract<RenewAnswer, { kind: K }>, 'kind'>;

/**
 * `fairlead certs renew [host]`: orders now. Exit 0 where the order was begun, or a dry run would have brought a certificate; 1 where
 * it would not; 2 where nothing can be ordered.
 */
export async function renew(host: string | undefined, options: RenewOptions, terminal: Terminal): Promise<number> {
  const query = new URLSearchParams({ format: 'json' });
  if (host !== undefined) query.set('host', host);
  if (options.dry) query.set('dry', '1');
  const answer = await answerOf({ path: `/certs/renew?${query}`, method: 'POST', waitMs }, options, terminal);
  if (answer === null) return exitCodes.cannotRun;
  const { status, body } = answer;
  if (status === 202 || status === 429) {
    const text = options.json ? body : `${begunText(JSON.parse(body) as Of<'begun'>)}\n`;
    if (status === 202) terminal.out(text);
    else terminal.err(text);
    return status === 202 ? exitCodes.ok : exitCodes.cannotRun;
  }
  if (status !== 200) {
    terminal.err(options.json ? body : `${refusalText(JSON.parse(body) as Refusal)}\n`);
    return exitCodes.cannotRun;
  }
  const { tried, ok } = JSON.parse(body) as Of<'tried'> & { readonly ok: boolean };
  terminal.out(options.json ? body : `${triedText(tried)}\n`);
  return ok ? exitCodes.ok : exitCodes.no;
}

interface Refusal {
  readonly error: string;
  readonly nearestHosts?: readonly string[];
}

function refusalText({ error, nearestHosts = [] }: Refusal): string {
  return [`fairlead: ${error}`, ...nearestHosts.map((host) => `  ${host}`)].map(terminalText).join('\n');
}
