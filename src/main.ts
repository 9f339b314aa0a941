#!/usr/bin/env node
import { runCommand } from './cli/commands.ts';
import { readSecret } from './cli/read-secret.ts';

// `fairlead routes | head` closes the pipe early: nobody is left to read, and nothing is wrong.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  readSecret: (prompt) => readSecret(prompt, { input: process.stdin, output: process.stderr }),
  terminal: process.stdout.isTTY === true,
  columns: process.stdout.columns,
  signals: process,
});
