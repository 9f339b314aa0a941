import { closest } from '../base/suggest.ts';
import type { Problem } from '../labels/problem.ts';
import { problemOf } from '../labels/problem-text.ts';
import { didYouMean } from '../labels/value-reading.ts';
import { flagOf } from './setting-row.ts';

/** What people try first. */
const foreignNames: Readonly<Record<string, string>> = {
  FAIRLEAD_PORT: 'FAIRLEAD_HTTP',
  FAIRLEAD_LISTEN: 'FAIRLEAD_HTTP',
  FAIRLEAD_HTTP_PORT: 'FAIRLEAD_HTTP',
  FAIRLEAD_HTTPS_PORT: 'FAIRLEAD_HTTPS',
  FAIRLEAD_TOKEN: 'FAIRLEAD_ADMIN_TOKEN',
  FAIRLEAD_DATA_DIR: 'FAIRLEAD_DATA',
  FAIRLEAD_EMAIL: 'FAIRLEAD_ACME_EMAIL',
  FAIRLEAD_DOCKER_HOST: 'FAIRLEAD_DOCKER',
  FAIRLEAD_REDIS: 'FAIRLEAD_STORE',
  FAIRLEAD_LOG_FORMAT: 'FAIRLEAD_LOG',
  FAIRLEAD_TRUSTED_PROXIES: 'FAIRLEAD_TRUSTED',
  FAIRLEAD_THREADS: 'FAIRLEAD_WORKERS',
  FAIRLEAD_OTEL: 'FAIRLEAD_OTLP',
  FAIRLEAD_OTEL_ENDPOINT: 'FAIRLEAD_OTLP',
  FAIRLEAD_OTLP_ENDPOINT: 'FAIRLEAD_OTLP',
  FAIRLEAD_TRACING: 'FAIRLEAD_OTLP',
  FAIRLEAD_TRACES: 'FAIRLEAD_OTLP',
  FAIRLEAD_OTLP_SAMPLER: 'FAIRLEAD_OTLP_SAMPLE',
  FAIRLEAD_OTLP_SERVICE_NAME: 'FAIRLEAD_OTLP_SERVICE',
  FAIRLEAD_TRACE_SAMPLE: 'FAIRLEAD_OTLP_SAMPLE',
};

/** The problem of a variable or a flag that no setting has; the suggestion is spelt as the typed one is. */
export function unknownSetting(
  name: string,
  given: { typed: string; text: string },
  known: readonly string[],
): Problem {
  const isFlag = given.typed.startsWith('--');
  const spell = (variable: string) => (isFlag ? flagOf(variable) : variable);
  const near = Object.hasOwn(foreignNames, name) ? (foreignNames[name] as string) : closest(name, known);
  return problemOf(
    // Nobody knows what it is: it may be a token under a mistyped name.
    { container: '', label: given.typed, text: given.text, secret: true },
    {
      expected: `a setting that \`fairlead --help\` lists, such as ${spell('FAIRLEAD_HTTP')}`,
      suggestion: near === null ? '' : didYouMean(spell(near)),
    },
  );
}

/**
 * Variables that are not the user's: those of our own processes and tests, and what Docker links and Kubernetes put into the
 * environment for a service that is called fairlead.
 */
export function isForeignVariable(name: string, text: string): boolean {
  if (/^FAIRLEAD_(PLANE|TEST_.*)$/.test(name)) return true;
  if (/^FAIRLEAD_PORT(_\d+_TCP(_(PORT|PROTO|ADDR))?)?$/.test(name))
    return name !== 'FAIRLEAD_PORT' || text.includes('://');
  return /^FAIRLEAD_(SERVICE_(HOST|PORT(_.*)?)|NAME|ENV_.*)$/.test(name);
}
