import { readCidrs } from './address-list.ts';
import { isHeaderName } from './header-text.ts';
import { splitWords } from './list-text.ts';
import type { Predicate } from './predicate.ts';
import { bad, didYouMean, type Fault, good, siblingLabel, type ValueReading } from './value-reading.ts';

const expectedMatch =
  'words such as method=GET,POST header:X-Beta=1 query:page cookie:beta=1 ip=10.0.0.0/8 (all must hold)';

/** Reads `proxy.match`. All or nothing: without one of its words a route would take requests that it was not meant for. */
export function readPredicateList(text: string, label: string): ValueReading<readonly Predicate[]> {
  const words = splitWords(text);
  if (words === null) return bad('every quote closed, such as header:X-Team="a b"');
  if (words.length === 0) return bad(expectedMatch);
  const predicates: Predicate[] = [];
  const faults: Fault[] = [];
  for (const word of words) {
    const reading = readPredicate(word, label);
    if (reading.value !== undefined) predicates.push(reading.value);
    for (const fault of reading.faults) faults.push({ ...fault, item: word });
  }
  return faults.length > 0 ? { faults } : good(predicates);
}

function readPredicate(word: string, label: string): ValueReading<Predicate> {
  const named = /^(header|query|cookie):([^=]+)(?:=(.*))?$/is.exec(word);
  if (named !== null)
    return readNamed(named[1]?.toLowerCase() as 'header' | 'query' | 'cookie', named[2] as string, named[3] ?? null);
  const [kind = '', value = ''] = splitOnce(word);
  switch (kind.toLowerCase()) {
    case 'method':
      return readMethods(value);
    case 'ip':
      return readAddresses(value, label);
    case 'header':
    case 'query':
    case 'cookie':
      return bad(expectedMatch, didYouMean(`${label}=${kind}:${value || 'X'}`));
    case 'host':
    case 'path':
      return bad(`${expectedMatch}; ${kind} has its own label`, didYouMean(`${siblingLabel(label, kind)}=${value}`));
    default:
      return bad(expectedMatch);
  }
}

function splitOnce(word: string): [string, string] {
  const at = word.indexOf('=');
  return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
}

function readNamed(kind: 'header' | 'query' | 'cookie', name: string, value: string | null): ValueReading<Predicate> {
  if (kind !== 'query' && !isHeaderName(name))
    return bad(`the name of a ${kind}: letters, digits and - . _, such as ${kind}:X-Beta=1`);
  return good({ kind, name: kind === 'header' ? name.toLowerCase() : name, value });
}

function readMethods(value: string): ValueReading<Predicate> {
  const methods = value.split(',').map((method) => method.trim().toUpperCase());
  if (!methods.every((method) => isHeaderName(method))) return bad('methods such as method=GET,POST');
  return good({ kind: 'method', methods: [...new Set(methods)] });
}

function readAddresses(value: string, label: string): ValueReading<Predicate> {
  const cidrs: string[] = [];
  for (const item of value.split(',')) {
    const reading = readCidrs(item.trim(), label);
    if (reading.value === undefined) return bad('addresses such as ip=10.0.0.0/8,192.0.2.7 or ip=private');
    cidrs.push(...reading.value);
  }
  return good({ kind: 'ip', cidrs });
}
