/** What `{…}` may name in `proxy.redirect` and `proxy.cache.key`. */
export const uriPlaceholders = ['scheme', 'host', 'uri', 'path', 'query'] as const;

/** What `{…}` may name in `proxy.header.*` and `proxy.reqheader.*`. */
export const headerPlaceholders = ['client_ip', 'host', 'scheme', 'request_id'] as const;

/** `{port}` is for templates of our own: a label has no need of it. */
const inUri = anyOf([...uriPlaceholders, 'port']);
const inHeader = anyOf(headerPlaceholders);

/**
 * Fills a text of labels with what a request asks for: `{host}` as it is given, port included where there is one; `{port}` only
 * that port, with its colon, '' where there is none; `{uri}` the target as sent; `{path}` and `{query}` its parts; `{scheme}`.
 */
export function fillTemplate(
  template: string,
  request: { readonly host: string; readonly target: string; readonly scheme: string },
): string {
  const { host, target, scheme } = request;
  const mark = target.indexOf('?');
  const values: Record<string, string> = {
    host,
    port: /:\d+$/.exec(host)?.[0] ?? '',
    uri: target,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    scheme,
  };
  return filled(template, inUri, values);
}

/** Fills the text of a header. No value can hold CR or LF: the request they are of was read. */
export function fillHeaderTemplate(
  template: string,
  { client, requestId }: { readonly client: HeaderClient; readonly requestId: string },
): string {
  if (!template.includes('{')) return template;
  const { address, host, scheme } = client;
  return filled(template, inHeader, { client_ip: address, host, scheme, request_id: requestId });
}

interface HeaderClient {
  readonly address: string;
  readonly host: string;
  readonly scheme: string;
}

function anyOf(names: readonly string[]): RegExp {
  return new RegExp(`\\{(${names.join('|')})\\}`, 'g');
}

function filled(template: string, placeholder: RegExp, values: Readonly<Record<string, string>>): string {
  return template.replace(placeholder, (_, name: string) => values[name] as string);
}
