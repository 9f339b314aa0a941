import { closest } from '../base/suggest.ts';
import { bad, didYouMean, type Fault } from './value-reading.ts';

/** What other programs call the same. */
const elsewhere: Readonly<Record<string, string>> = {
  request_uri: 'uri',
  url: 'uri',
  target: 'uri',
  http_host: 'host',
  proxy_host: 'host',
  hostname: 'host',
  domain: 'host',
  proto: 'scheme',
  protocol: 'scheme',
  args: 'query',
  query_string: 'query',
  search: 'query',
  pathname: 'path',
  remote_addr: 'client_ip',
  remote_host: 'client_ip',
  ip: 'client_ip',
  clientip: 'client_ip',
  id: 'request_id',
  req_id: 'request_id',
};

/** Of nginx, with the names that they have here. Other words after a `$` are text: a URL may hold them. */
const variables: Readonly<Record<string, string>> = {
  scheme: 'scheme',
  host: 'host',
  http_host: 'host',
  proxy_host: 'host',
  request_uri: 'uri',
  uri: 'uri',
  document_uri: 'uri',
  args: 'query',
  query_string: 'query',
};

const variable = /\$(?:\{([a-z_]+)\}|([a-z_]+))/g;

/**
 * Why a template is refused; null when each `{…}` in it is one of `known`. One that is not would stay as it is written, and so be
 * the same for all requests.
 *
 * @param written the label with that template, for the mend.
 */
export function templateFault(
  template: string,
  known: readonly string[],
  written: (template: string) => string,
): Fault | null {
  const withBraces = template.replaceAll(variable, (whole, braced?: string, bare?: string) => {
    const word = (braced ?? bare) as string;
    return Object.hasOwn(variables, word) ? `{${variables[word]}}` : whole;
  });
  if (withBraces !== template)
    return fault("placeholders in braces; variables with $ are nginx's", didYouMean(written(withBraces)));
  const unknown = [...template.matchAll(/\{([^{}]*)\}/g)].find(([, word]) => !known.includes(word as string));
  if (unknown !== undefined) {
    const near = nearPlaceholder(unknown[1] as string, known);
    const mend = near === null ? '' : didYouMean(written(template.replace(unknown[0], () => `{${near}}`)));
    return fault(`only the placeholders ${placeholderList(known)}`, mend);
  }
  return /[{}]/.test(template.replaceAll(/\{[^{}]*\}/g, ''))
    ? fault(`every brace closed: the placeholders are ${placeholderList(known)}`)
    : null;
}

/** The placeholder that a word was most likely meant to be; null when none is near. */
export function nearPlaceholder(word: string, known: readonly string[]): string | null {
  const lower = word.trim().toLowerCase();
  const same = Object.hasOwn(elsewhere, lower) ? (elsewhere[lower] as string) : lower;
  return known.includes(same) ? same : closest(lower, known);
}

export function placeholderList(known: readonly string[]): string {
  return `{${known.join('} {')}}`;
}

function fault(expected: string, suggestion = ''): Fault {
  return bad(expected, suggestion).faults[0] as Fault;
}
