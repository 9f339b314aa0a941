import { explainText, plainStyle, type TextStyle } from '../admin/explain-text.ts';
import type { ExplainView } from '../admin/explain-view.ts';
import { answerOf } from './ask.ts';
import type { ExplainOptions, ReachOptions } from './commands.ts';
import { exitCodes, type Terminal } from './terminal.ts';

/** `fairlead explain URL`: how a request would be decided. Exit 0 whatever becomes of it, or 2 where the proxy cannot be asked. */
export async function explain(
  url: string,
  options: ReachOptions & ExplainOptions,
  terminal: Terminal,
): Promise<number> {
  const query = new URLSearchParams({ url, format: 'json' });
  if (options.method !== undefined) query.set('method', options.method);
  for (const line of options.header) query.append('header', line);
  if (options.ip !== undefined) query.set('ip', options.ip);
  const answer = await answerOf({ path: `/explain?${query}` }, options, terminal);
  if (answer === null) return exitCodes.cannotRun;
  if (answer.status >= 400) {
    terminal.err(answer.body);
    return exitCodes.cannotRun;
  }
  if (options.json) terminal.out(answer.body);
  else terminal.out(`${explainText(JSON.parse(answer.body) as ExplainView, styleOf(terminal))}\n`);
  return exitCodes.ok;
}

/** Colours for a person who has not asked for none (https://no-color.org). */
function styleOf({ terminal, env, columns }: Terminal): TextStyle {
  if (!terminal) return plainStyle;
  return { colours: (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb', columns: columns ?? plainStyle.columns };
}
