import { availableParallelism } from 'node:os';
import { problemLines } from '../admin/problem-lines.ts';
import { adminTarget, askAdmin, NotRunning } from './admin-client.ts';
import { checkAnnotations } from './check-annotations.ts';
import { checkCompose } from './check-compose.ts';
import { type CheckResult, checkText, isClean } from './check-result.ts';
import type { ReachOptions } from './commands.ts';
import { UnreadableCompose } from './compose-file.ts';
import { readSettings, type SettingsReading } from './settings.ts';
import { exitCodes, type Terminal } from './terminal.ts';

export type CheckOptions = ReachOptions & {
  readonly json?: true;
  readonly format?: 'text' | 'json' | 'github';
  readonly docker?: string;
  readonly profile?: readonly string[];
};

/** A question that could not be answered; the message says what to do. */
export class CannotCheck extends Error {}

/** `fairlead check`: 0 clean, 1 problems, 2 cannot run. */
export async function check(files: readonly string[], options: CheckOptions, terminal: Terminal): Promise<number> {
  try {
    const settings = checkSettings(options, terminal);
    const result =
      files.length > 0
        ? checkCompose({ paths: files, env: terminal.env, profiles: options.profile ?? [] }, settings.defaults)
        : ((await checkProxy(options, terminal)) ?? (await checkEngines(settings)));
    terminal.out(resultText(result, options, terminal));
    return isClean(result) ? exitCodes.ok : exitCodes.no;
  } catch (error) {
    const known = error instanceof CannotCheck || error instanceof UnreadableCompose || error instanceof NotRunning;
    if (!known) throw error;
    terminal.err(`fairlead: ${error.message}\n`);
    return exitCodes.cannotRun;
  }
}

/** Where GitHub Actions runs it, in its own form, unless another was asked for. */
function resultText(result: CheckResult, { json, format }: CheckOptions, { env }: Terminal): string {
  const form = json ? 'json' : (format ?? (env.GITHUB_ACTIONS === 'true' ? 'github' : 'text'));
  if (form === 'json') return `${JSON.stringify(result, null, 2)}\n`;
  return form === 'github' ? checkAnnotations(result, env.GITHUB_WORKSPACE ?? process.cwd()) : checkText(result);
}

/** Fleet defaults and profiles count, and have to be right, since labels are read with them. */
function checkSettings({ docker }: CheckOptions, { env }: Terminal): SettingsReading['settings'] {
  const flags = docker === undefined ? [] : [`--docker=${docker}`];
  const wanted = Object.entries(env).filter(([name]) =>
    /^(DOCKER_HOST$|FAIRLEAD_(DOCKER$|DEFAULT_|PROFILE_))/.test(name),
  );
  const about = { flags, env: Object.fromEntries(wanted), cores: availableParallelism(), terminal: false };
  const { settings, problems } = readSettings(about);
  if (problems.length === 0) return settings;
  throw new CannotCheck(`settings are wrong\n${problems.flatMap((problem) => problemLines(problem)).join('\n')}`);
}

/** What the running proxy knows; null where none runs and none was asked for by name. */
async function checkProxy(options: CheckOptions, { env }: Terminal): Promise<CheckResult | null> {
  if (options.docker !== undefined) return null;
  const target = adminTarget(options, env);
  if (typeof target === 'string') throw new CannotCheck(target);
  try {
    const { status, body } = await askAdmin(target, { path: '/routes?format=json&options=set' });
    if (status !== 200) throw new CannotCheck(`the proxy at ${target.text} answers ${status}: ${body.trim()}`);
    const { routes, problems } = JSON.parse(body) as { routes: unknown[]; problems: CheckResult['problems'] };
    return { source: 'proxy', checked: 'the running proxy', routes: routes.length, problems };
  } catch (error) {
    if (error instanceof NotRunning && options.admin === undefined && options.data === undefined) return null;
    throw error;
  }
}

async function checkEngines(settings: SettingsReading['settings']): Promise<CheckResult> {
  const { scanEngines } = await import('./engine-scan.ts');
  return scanEngines(settings);
}
