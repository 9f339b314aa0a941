import { ask } from './ask.ts';
import type { ExplainOptions, ReachOptions } from './commands.ts';
import type { Terminal } from './terminal.ts';

/** `fairlead explain URL`: how a request would be decided. */
export function explain(url: string, options: ReachOptions & ExplainOptions, terminal: Terminal): Promise<number> {
  const query = new URLSearchParams({ url, format: options.json ? 'json' : 'text' });
  if (options.method !== undefined) query.set('method', options.method);
  for (const line of options.header) query.append('header', line);
  if (options.ip !== undefined) query.set('ip', options.ip);
  return ask(`/explain?${query}`, options, terminal);
}
