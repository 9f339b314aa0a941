/** What is asked of `/explain`, as the form and addresses have it. */
export interface Asked {
  readonly url: string;
  readonly method?: string;
  /** `Name: value` each. */
  readonly headers?: readonly string[];
  readonly ip?: string;
}

/** The address of the page that explains it. */
export function explainLink(asked: Asked): string {
  return `/explain?${explainQuery(asked)}`;
}

export function explainQuery({ url, method = '', headers = [], ip = '' }: Asked): URLSearchParams {
  const query = new URLSearchParams({ url });
  if (method !== '' && method !== 'GET') query.set('method', method);
  for (const header of headers) if (header.trim() !== '') query.append('header', header.trim());
  if (ip !== '') query.set('ip', ip);
  return query;
}

export function readAsked(query: URLSearchParams): Asked {
  return {
    url: query.get('url') ?? '',
    method: query.get('method') ?? '',
    headers: query.getAll('header'),
    ip: query.get('ip') ?? '',
  };
}
