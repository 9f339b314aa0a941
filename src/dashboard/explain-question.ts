import { isSecretHeader } from '../http/secret-header.ts';

/** What is asked of `/explain`, as the form and addresses have it. */
export interface Asked {
  readonly url: string;
  readonly method?: string;
  /** `Name: value` each. */
  readonly headers?: readonly string[];
  readonly ip?: string;
}

/** The address of the page that explains it: without secrets, since addresses are kept in histories and sent to others. */
export function explainLink({ headers = [], ...asked }: Asked): string {
  return `/explain?${explainQuery({ ...asked, headers: headers.filter((line) => !isSecretLine(line)) })}`;
}

/** A header line that must not be shown to others. */
export function isSecretLine(line: string): boolean {
  return isSecretHeader(line.split(':', 1)[0] ?? '');
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
