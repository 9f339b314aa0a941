import { isIP } from 'node:net';
import { FlatHeaderList, type HeaderList } from '../http/header-list.ts';
import { isHeaderName } from '../labels/header-text.ts';
import { explain } from '../routing/explain.ts';
import { type Question, readQuestionUrl } from '../routing/question.ts';
import type { Backend } from '../routing/table.ts';
import { errorAnswer, jsonAnswer, textAnswer } from './admin-answer.ts';
import type { AdminAnswer, AdminContext, AdminRequest } from './admin-context.ts';
import { CertificateIndex } from './certificate-index.ts';
import { explainPage } from './explain-page.ts';
import { explainText } from './explain-text.ts';
import { explainView } from './explain-view.ts';

const headersMax = 50;
const urlCharsMax = 8_192;

/** `GET /explain?url=…&method=…&header=Name: value&ip=…`: how that request would be decided. */
export function explainEndpoint({ query, format }: AdminRequest, context: AdminContext): AdminAnswer {
  const question = readQuestion(query);
  if (typeof question === 'string')
    return format === 'html'
      ? explainPage({ query, mistake: question, view: null }, context)
      : errorAnswer(400, question, format);
  const built = context.view.built();
  const explanation = explain(built.table, question);
  const certificates = new CertificateIndex(context.view.certificates());
  const backendState = (backend: Backend) => context.view.backendState(backend);
  const isReady = (host: string) => context.view.isReady(host);
  const url = query.get('url') as string;
  const about = { url, question, explanation, built, certificates, isReady, backendState };
  const view = explainView(about, context.settings);
  switch (format) {
    case 'json':
      return jsonAnswer(view);
    case 'text':
      return textAnswer(explainText(view));
    case 'html':
      return explainPage({ query, mistake: '', view }, context);
    default:
      return format satisfies never;
  }
}

/** The request that is asked about, or what is wrong with the question, in one sentence. */
function readQuestion(query: URLSearchParams): Question | string {
  const url = query.get('url') ?? '';
  if (url.trim() === '') return '`url` is needed, such as /explain?url=http://app.example.com/path';
  if (url.length > urlCharsMax) return `\`url\` is longer than ${urlCharsMax} characters`;
  const place = readQuestionUrl(url);
  if (place === null) return `\`url\` has no host in it; it looks like http://app.example.com/path`;
  const method = query.get('method') || 'GET';
  if (!/^[!#$%&'*+.^_`|~\w-]{1,32}$/.test(method)) return '`method` is a word such as GET or POST';
  const clientAddress = query.get('ip') || '127.0.0.1';
  if (isIP(clientAddress) === 0) return '`ip` is the address of the client, such as 203.0.113.7';
  const headers = readHeaders(query.getAll('header'));
  return typeof headers === 'string' ? headers : { ...place, method: method.toUpperCase(), headers, clientAddress };
}

function readHeaders(lines: readonly string[]): HeaderList | string {
  const given = lines.filter((line) => line.trim() !== '');
  if (given.length > headersMax) return `at most ${headersMax} headers can be asked about at once`;
  const headers = new FlatHeaderList();
  for (const line of given) {
    const [, name = '', value = ''] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/s.exec(line) ?? [];
    if (!isHeaderName(name) || /[\r\n\0]/.test(value)) return '`header` is written as `Name: value`';
    headers.append(name, value);
  }
  return headers;
}
