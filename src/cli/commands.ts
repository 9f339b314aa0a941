import { Command, CommanderError, Option } from 'commander';
import { productVersion } from '../admin/product-version.ts';
import { closest } from '../base/suggest.ts';
import type { CheckOptions } from './check.ts';
import { settingsHelp } from './settings-text.ts';
import { exitCodes, type Terminal } from './terminal.ts';

/** Parses the command line, runs the command, and returns the exit code. Each command loads only what it needs. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = exitCodes.ok;
  const done = async (result: Promise<number>) => {
    code = await result;
  };
  const program = buildProgram(terminal, done);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.cannotRun;
    throw error;
  }
}

function buildProgram(terminal: Terminal, done: (result: Promise<number>) => Promise<void>): Command {
  const program = new Command('fairlead')
    .description('A reverse proxy that configures itself from Docker labels')
    .version(productVersion, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .addHelpText('after', () => `\n${settingsHelp()}`);

  program
    .command('serve', { isDefault: true })
    .description('run the proxy (this is what `fairlead` alone does); takes all settings as flags')
    .usage('[--setting value …]')
    // Settings are read all at once, so that all their problems are reported at once.
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[settings...]')
    .addHelpText('after', () => `\n${settingsHelp()}`)
    .action(async (_settings: string[], _options: object, command: Command) => {
      const [first = '-'] = command.args;
      if (!first.startsWith('-')) program.error(unknownCommand(first, program), { exitCode: exitCodes.cannotRun });
      const { serve } = await import('./serve.ts');
      await done(serve(command.args, terminal));
    });

  reaching(program.command('routes'))
    .description('what is live in the running proxy, what is not, and why')
    .option('--json', 'as JSON')
    .action(async (options: ReachOptions & { json?: true }) => {
      const { routes } = await import('./routes.ts');
      await done(routes(options, terminal));
    });

  reaching(program.command('explain'))
    .description(
      'how the running proxy would decide a request, step by step, without sending it; exit 0 whatever comes of it',
    )
    .argument('<url>', 'such as http://app.example.com/path; without a scheme it is http')
    .option('-X, --method <word>', 'GET where nothing is said')
    .option('-H, --header <line>', '`Name: value`; may be given several times', collect, [])
    .option('--ip <address>', 'the client address; 127.0.0.1 where nothing is said')
    .option('--json', 'as JSON')
    .action(async (url: string, options: ReachOptions & ExplainOptions) => {
      const { explain } = await import('./explain.ts');
      await done(explain(url, options, terminal));
    });

  const certs = reaching(program.command('certs'))
    .description('how certificates stand in the running proxy, and what to do where there is something to do')
    .option('--json', 'as JSON')
    .action(async (options: ReachOptions & { json?: true }) => {
      const { certs } = await import('./certs.ts');
      await done(certs(options, terminal));
    });
  reaching(certs.command('renew'))
    .description('order the certificate of a host now, or all that issuers sign')
    .argument('[host]', 'such as app.example.com')
    .option('--dry', 'run the whole order on the staging directory, and say how it went: exit 0 when well, else 1')
    .option('--json', 'as JSON')
    .action(async (host: string | undefined, _options: object, command: Command) => {
      const { renew } = await import('./renew.ts');
      await done(renew(host, command.optsWithGlobals(), terminal));
    });

  reaching(certs.command('root'))
    .description('print the root of the internal CA, for whoever is to trust it')
    .action(async (_options: object, command: Command) => {
      const { root } = await import('./root.ts');
      await done(root(command.optsWithGlobals(), terminal));
    });

  reaching(program.command('check'))
    .description('lint the labels of compose files, or of the running engine; exit 0 clean, 1 problems, 2 cannot run')
    .argument('[files...]', 'compose files, merged in this order')
    .addOption(new Option('--docker <endpoints>', 'where no proxy runs: the engines to ask (FAIRLEAD_DOCKER)'))
    .addOption(
      new Option('--profile <name>', 'compose profiles to look at, may be given several times; all where none is named')
        .argParser(collect)
        .default([], 'all'),
    )
    .option('--json', 'as JSON')
    .addOption(
      new Option('--format <form>', '`github` writes annotations, and is the default in GitHub Actions').choices([
        'text',
        'json',
        'github',
      ]),
    )
    .action(async (files: string[], options: CheckOptions) => {
      const { check } = await import('./check.ts');
      await done(check(files, options, terminal));
    });

  program
    .command('translate')
    .description('print proxy.* labels for those of nginx-proxy, Traefik and Caddy; exit 1 where a protection has none')
    .argument('<files...>', 'compose files, merged in this order')
    .action(async (files: string[]) => {
      const { translate } = await import('./translate.ts');
      await done(Promise.resolve(translate(files, terminal)));
    });

  reaching(program.command('healthcheck'))
    .description('exit 0 when the running proxy is ready, else 1')
    .option('--live', 'only ask whether it is alive')
    .action(async (options: ReachOptions & { live?: true }) => {
      const { healthcheck } = await import('./healthcheck.ts');
      await done(healthcheck(options, terminal));
    });

  program
    .command('hash')
    .description('an entry for proxy.auth.users, made of a password: typed, piped in, or written behind the name')
    .argument('<name>', 'who may sign in')
    .argument('[password]', 'seen by whoever lists processes, and kept by the shell: better not written here')
    .action(async (name: string, password: string | undefined) => {
      const { hash } = await import('./hash.ts');
      await done(hash(name, password, terminal));
    });

  program
    .command('whoami')
    .description('a small backend to try things with: echoes HTTP, WebSockets and server-sent events')
    .option('--port <number>', 'port to listen on; 0 picks a free one', '8080')
    .option('--host <address>', 'address to listen on; all where nothing is said')
    .option('--name <text>', 'what it calls itself; the host name where nothing is said')
    .action(async (options: { port: string; host?: string; name?: string }) => {
      const { whoami } = await import('./whoami.ts');
      await done(whoami(options, terminal));
    });
  return program;
}

function unknownCommand(word: string, program: Command): string {
  const names = program.commands.map((command) => command.name());
  const near = closest(word, names);
  return `fairlead: there is no command \`${word}\`; ${near === null ? `there are ${names.join(', ')}` : `did you mean \`${near}\`?`}`;
}

/** Where a command finds the running proxy. */
export interface ReachOptions {
  readonly data?: string;
  readonly admin?: string;
  readonly adminToken?: string;
}

export interface ExplainOptions {
  readonly method?: string;
  readonly header: readonly string[];
  readonly ip?: string;
  readonly json?: true;
}

function reaching(command: Command): Command {
  return command
    .option('--data <dir>', 'data directory of the proxy, which holds its socket (FAIRLEAD_DATA)')
    .option('--admin <address>', 'its admin address, instead of the socket')
    .option('--admin-token <token>', 'token of that address (FAIRLEAD_ADMIN_TOKEN)');
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
