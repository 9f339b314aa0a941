import { type Chain, settingOf } from './effective-options.ts';
import type { Options } from './options.ts';
import type { Problem } from './problem.ts';
import { problemOf } from './problem-text.ts';

/** What of `proxy.cors` contradicts itself, whichever places its parts come from. */
export function corsProblems(chain: Chain, options: Options, container: string): readonly Problem[] {
  const setting = settingOf(chain, 'cors.credentials')?.setting;
  if (setting === undefined || !options['cors.credentials'] || options.cors?.includes('*') !== true) return [];
  const { label, written: text, secret } = setting;
  return [
    problemOf(
      { container, label, text, secret },
      {
        expected:
          'origins by name, such as proxy.cors=https://app.example.com: with * any site could read what it asks for in the name of its visitor, so no credentials are allowed',
      },
    ),
  ];
}
