import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface ProgramQuestion {
  readonly url: string;
  /** PEM that vouches for an https URL. */
  readonly ca?: string;
  /** Sent by POST as JSON. */
  readonly body?: unknown;
}

export interface ProgramAnswer {
  readonly status: number;
  readonly body: string;
}

const answerMsMax = 10_000;

/** One request to a program that a test has started, on a connection of its own; rejects where it does not answer. */
export function ask({ url, ca, body }: ProgramQuestion): Promise<ProgramAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ProgramAnswer>();
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const about = { method: body === undefined ? 'GET' : 'POST', agent: false as const, ca };
  const asked = request(url, { ...about, signal: AbortSignal.timeout(answerMsMax) }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
  });
  asked.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}
