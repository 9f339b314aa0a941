/** What acme-dns gave when the account was registered. */
export interface AcmeDnsAccount {
  readonly username: string;
  readonly password: string;
  readonly subdomain: string;
  /** null = not told. */
  readonly fullDomain: string | null;
}

/** Reads the JSON of `POST /register`, or `<username>:<password>:<subdomain>`; null for anything else. */
export function readAcmeDnsAccount(text: string): AcmeDnsAccount | null {
  const fields = text.startsWith('{') ? fromJson(text) : [...text.split(':'), undefined];
  if (fields.length !== 4) return null;
  const [username, password, subdomain, fulldomain] = fields;
  if (!isHeaderText(username) || !isHeaderText(password) || !isLabel(subdomain)) return null;
  const fullDomain = typeof fulldomain === 'string' ? fulldomain.toLowerCase().replace(/\.$/, '') : null;
  if (fullDomain !== null && !fullDomain.startsWith(`${subdomain.toLowerCase()}.`)) return null;
  return { username, password, subdomain: subdomain.toLowerCase(), fullDomain };
}

function fromJson(text: string): readonly unknown[] {
  try {
    const account = JSON.parse(text) as Record<string, unknown>;
    return [account.username, account.password, account.subdomain, account.fulldomain];
  } catch {
    return [];
  }
}

/** It is sent in a header. */
function isHeaderText(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]{1,200}$/.test(value);
}

function isLabel(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9-]{1,63}$/i.test(value);
}
