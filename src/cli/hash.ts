import { scryptHash } from '../auth/scrypt-hash.ts';
import { readUserEntries } from '../labels/user-entries.ts';
import { exitCodes, type Terminal } from './terminal.ts';

/** `fairlead hash NAME [PASSWORD]`: an entry for `proxy.auth.users` that is the same in a label, a compose file and a shell. */
export async function hash(name: string, password: string | undefined, terminal: Terminal): Promise<number> {
  const secret = password ?? (await terminal.readSecret(`password of ${name}: `));
  if (secret === '') {
    terminal.err('fairlead: no password was given: type it, pipe it in, or write it behind the name\n');
    return exitCodes.cannotRun;
  }
  const entry = `${name}:${await scryptHash(secret)}`;
  if (readUserEntries([entry]).value === undefined || name.includes(',') || name.startsWith('#')) {
    terminal.err('fairlead: a name has neither spaces, colons nor commas in it\n');
    return exitCodes.cannotRun;
  }
  terminal.out(`${entry}\n`);
  return exitCodes.ok;
}
