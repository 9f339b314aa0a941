import { EventEmitter } from 'node:events';
import { runCommand } from '../../src/cli/commands.ts';
import { readSettings, type SettingsReading } from '../../src/cli/settings.ts';

/** Runs a command line and keeps what it prints. */
export async function fairlead(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  signals = new EventEmitter(),
  secret = '',
  screen: { readonly terminal: boolean; readonly columns?: number } = { terminal: false },
): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await runCommand(args, {
    env,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    readSecret: async () => secret,
    ...screen,
    signals,
  });
  return { code, out, err };
}

/** What flags and variables read as, on two cores, without a terminal. */
export function settingsOf(flags: readonly string[] = [], env: Readonly<Record<string, string>> = {}): SettingsReading {
  return readSettings({ flags, env, cores: 2, terminal: false });
}
