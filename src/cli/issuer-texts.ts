import type { Problem } from '../labels/problem.ts';
import { problemOf } from '../labels/problem-text.ts';
import type { Given } from './flags.ts';
import { type IssuerFields, issuerRows, issuerVariables } from './issuer-rows.ts';
import { readSetting } from './read-setting.ts';
import { flagOf, type SettingRow, type Surroundings } from './setting-row.ts';

/** An issuer as the settings have it; files and secrets are not read yet. */
export interface IssuerText extends IssuerFields {
  readonly name: string;
  /** What each was typed as, for problems. */
  readonly labels: Readonly<Record<keyof IssuerFields, string>>;
}

const defaultPrefix = 'FAIRLEAD_ACME';
const issuersMax = 20;

/** Words that mean something else as the value of `proxy.tls`. */
const otherWords = new Set(
  'auto off no false on yes true internal passthrough default acme le ssl https selfsigned self-signed local 1'.split(
    ' ',
  ),
);

/**
 * Reads `FAIRLEAD_ACME_*`, the default issuer, and `FAIRLEAD_ISSUER_<NAME>_*`; the default comes first. Pure.
 * @returns `known`: the variables of these issuers, set or not; a near miss may have meant one of them.
 */
export function readIssuerTexts(
  given: ReadonlyMap<string, Given>,
  surroundings: Surroundings,
  problems: Problem[],
): { readonly issuers: readonly IssuerText[]; readonly known: ReadonlySet<string> } {
  const known = new Set<string>(namesOf(defaultPrefix));
  const issuers: IssuerText[] = [];
  const read = (name: string, prefix: `FAIRLEAD_${string}`): void => {
    const issuer = readIssuer(name, prefix, { given, surroundings, problems });
    if (issuer !== null) issuers.push(issuer);
  };
  read('default', defaultPrefix);
  for (const [at, [prefix, first]] of [...prefixesOf(given)].entries()) {
    for (const variable of namesOf(prefix)) known.add(variable);
    const fault =
      at < issuersMax ? nameFault(prefix) : { expected: `at most ${issuersMax} issuers beside the default one` };
    if (fault === null) read(issuerName(prefix), prefix);
    else problems.push(problemOf({ container: '', label: first.typed, text: first.text, secret: true }, fault));
  }
  for (const name of given.keys())
    if (nearlyOfIssuer.test(name))
      for (const variable of namesOf(name.replace(/_[^_]*$/, '') as typeof defaultPrefix)) known.add(variable);
  return { issuers, known };
}

/** `FAIRLEAD_ISSUER_OUR_CA` → `our-ca`, as profiles are named. */
function issuerName(prefix: string): string {
  return prefix.slice('FAIRLEAD_ISSUER_'.length).toLowerCase().replaceAll('_', '-');
}

const nearlyOfIssuer = /^FAIRLEAD_ISSUER_[A-Z0-9][A-Z0-9_-]{0,62}_[A-Z_]+$/;
const lastParts = Object.values(issuerVariables).join('|');
const ofIssuer = new RegExp(`^(FAIRLEAD_ISSUER_[A-Z0-9][A-Z0-9_-]{0,62}?)_(?:${lastParts})$`);

/** The first setting of each, by its prefix. */
function prefixesOf(given: ReadonlyMap<string, Given>): Map<`FAIRLEAD_${string}`, Given> {
  const prefixes = new Map<`FAIRLEAD_${string}`, Given>();
  for (const name of [...given.keys()].sort()) {
    const prefix = ofIssuer.exec(name)?.[1] as `FAIRLEAD_${string}` | undefined;
    if (prefix !== undefined && !prefixes.has(prefix)) prefixes.set(prefix, given.get(name) as Given);
  }
  return prefixes;
}

function nameFault(prefix: string): { expected: string } | null {
  const name = issuerName(prefix);
  if (name === 'default')
    return {
      expected: `another name: the default issuer is set by ${defaultPrefix}_*, such as ${defaultPrefix}_EMAIL`,
    };
  if (otherWords.has(name))
    return {
      expected: `another name for an issuer, such as FAIRLEAD_ISSUER_ZEROSSL_EMAIL: proxy.tls=${name} means something else`,
    };
  return null;
}

function readIssuer(
  name: string,
  prefix: `FAIRLEAD_${string}`,
  from: { given: ReadonlyMap<string, Given>; surroundings: Surroundings; problems: Problem[] },
): IssuerText | null {
  const { given, surroundings, problems } = from;
  const rows = issuerRows(prefix);
  const keys = Object.keys(rows) as (keyof IssuerFields)[];
  const set = keys.filter((key) => given.has(rows[key].name));
  if (set.length === 0) return null;
  const fields = Object.fromEntries(
    keys.map((key) => [key, readSetting(rows[key] as SettingRow<unknown>, given, surroundings, problems)]),
  ) as unknown as IssuerFields;

  const needs = (key: keyof IssuerFields, missing: keyof IssuerFields, why: string): void => {
    const { typed, text } = given.get(rows[key].name) as Given;
    const other = typed.startsWith('--') ? flagOf(rows[missing].name) : rows[missing].name;
    const secret = rows[key].secret === true;
    const expected = `${other} beside it, such as ${other}=${rows[missing].example}: ${why}`;
    problems.push(problemOf({ container: '', label: typed, text, secret }, { expected }));
  };
  const has = (key: keyof IssuerFields): boolean => set.includes(key);
  if (has('eabKid') && !has('eabHmac')) needs('eabKid', 'eabHmac', 'an issuer gives both together');
  if (has('eabHmac') && !has('eabKid')) needs('eabHmac', 'eabKid', 'an issuer gives both together');
  if (has('dnsSecret') && !has('dns')) needs('dnsSecret', 'dns', 'the secret of what, else?');
  if (!has('email') && !has('directory')) {
    needs(set[0] as keyof IssuerFields, 'email', `or ${rows.directory.name}; without either there is no issuer`);
    return null;
  }
  const labels = Object.fromEntries(keys.map((key) => [key, given.get(rows[key].name)?.typed ?? rows[key].name]));
  return { ...fields, name, labels: labels as IssuerText['labels'] };
}

function namesOf(prefix: `FAIRLEAD_${string}`): string[] {
  return Object.values(issuerRows(prefix)).map(({ name }) => name);
}
