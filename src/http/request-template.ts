const placeholder = /\{(host|port|uri|path|query|scheme)\}/g;

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
  return template.replace(placeholder, (_, name: string) => values[name] as string);
}
