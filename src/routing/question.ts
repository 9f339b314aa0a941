import { domainToASCII } from 'node:url';
import type { HeaderList } from '../http/header-list.ts';

/** A request that somebody wonders about. */
export interface Question {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** As it would stand in Host. */
  readonly authority: string;
  /** In origin-form. */
  readonly target: string;
  readonly headers: HeaderList;
  /** The real client address. */
  readonly clientAddress: string;
}

/**
 * The scheme, the host and the target of a URL as a person writes or pastes it: the scheme may be missing, which is http; a fragment never travels,
 * and what a browser would encode is encoded. Dots and slashes stay as they are: how they are read is part of the answer.
 * @returns null when there is no host in it.
 */
export function readQuestionUrl(url: string): Pick<Question, 'scheme' | 'authority' | 'target'> | null {
  const parts = /^(?:(?:([a-z][a-z0-9+.-]*):)?\/\/)?(?:[^/?#@]*@)?([^/?#]+)([^?#]*)(\?[^#]*)?/is.exec(url.trim());
  if (parts === null) return null;
  const [, scheme = '', authority = '', path = '', query = ''] = parts;
  return {
    scheme: /^(https|wss)$/i.test(scheme) ? 'https' : 'http',
    authority: asciiAuthority(authority),
    target: encodeAsBrowser(`${path || '/'}${query}`),
  };
}

function asciiAuthority(authority: string): string {
  if (/^[\x20-\x7e]*$/.test(authority)) return authority;
  const [name = '', ...rest] = authority.split(':');
  return [domainToASCII(name) || name, ...rest].join(':');
}

function encodeAsBrowser(target: string): string {
  // Lone surrogates cannot be encoded; a browser sends the replacement character for them.
  return target.toWellFormed().replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character));
}
