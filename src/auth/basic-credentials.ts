export interface BasicCredentials {
  readonly user: string;
  readonly password: string;
}

/** Reads an Authorization field (RFC 7617), in UTF-8; null for another scheme, and for what is none. */
export function readBasicCredentials(field: string | undefined): BasicCredentials | null {
  const encoded = /^basic +([a-z0-9+/_-]+={0,2})$/i.exec(field ?? '')?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
