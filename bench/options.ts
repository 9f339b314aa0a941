import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly names: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly trials: number;
  readonly write: boolean;
  readonly help: boolean;
}

/** Reads the command line. Throws with what was wrong. */
export function readOptions(argv: readonly string[], known: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '1' },
      trials: { type: 'string', default: '20' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  for (const name of positionals) {
    if (!known.includes(name)) throw new Error(`there is no bench "${name}"; there are ${known.join(', ')}`);
  }
  return {
    names: positionals.length === 0 ? known : known.filter((name) => positionals.includes(name)),
    rounds: count('rounds', values.rounds, 50),
    seconds: count('seconds', values.seconds, 30),
    trials: count('trials', values.trials, 200),
    write: values.write,
    help: values.help,
  };
}

function count(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new Error(`--${name}=${text}: a whole number from 1 to ${max} is expected, such as --${name}=5`);
  }
  return value;
}
