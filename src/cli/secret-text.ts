import type { Ref } from '../labels/ref.ts';
import { readSmallFile } from './small-file.ts';

/** A secret as it was given, or where it is kept. */
export type SecretText = string | Ref;

/**
 * The secret itself, or why it cannot be had: words that name the place, never what was found there. A line end after it is not
 * part of it, as editors and `echo` leave one.
 */
export function readSecret(
  text: SecretText,
  env: Readonly<Record<string, string | undefined>>,
): { readonly secret: string } | { readonly fault: string } {
  if (typeof text === 'string') return { secret: text };
  switch (text.ref) {
    case 'env': {
      const value = env[text.name]?.trim() ?? '';
      return value === ''
        ? { fault: `the variable ${text.name} of the proxy's environment: it is not set` }
        : { secret: value };
    }
    case 'file': {
      const read = readSmallFile(text.path);
      if ('fault' in read) return { fault: `the file ${text.path}: ${read.fault}` };
      const secret = read.text.trim();
      return secret === '' ? { fault: `the file ${text.path}: it is empty` } : { secret };
    }
    default:
      return text satisfies never;
  }
}
