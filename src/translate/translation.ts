/** What a service says to other proxies. Texts are as in the compose file: `$$` is a dollar sign, variables are still in them. */
export interface ForeignService {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}

/** Something that was not translated as it stands. Never holds a value, which may be a secret. */
export interface Note {
  /** The label or variable at fault, as written; '' where none is. */
  readonly about: string;
  readonly says: string;
  /** error: a protection or a whole route is lost, and what it was for stays closed; warning: something is lost; info: what to do besides. */
  readonly severity: 'error' | 'warning' | 'info';
}

/** One route of a service, before it is known under which name. */
export interface RouteDraft {
  /** As the other proxy calls it; '' where it has no name. */
  readonly name: string;
  hosts: string[];
  /** Empty = all. */
  paths: string[];
  match: string[];
  /** By the key after `proxy.`, such as `limit.burst` or `header.X-Foo`. */
  readonly options: Map<string, DraftOption>;
}

export interface DraftOption {
  readonly text: string;
  readonly about: string;
}

export interface Draft {
  readonly routes: readonly RouteDraft[];
  /** Of the container, whatever the route: port, network. */
  readonly shared: ReadonlyMap<string, DraftOption>;
  readonly notes: readonly Note[];
}

/** `proxy.*` labels of a service, in order, with what is to be said of them. */
export interface Translation {
  readonly labels: readonly (readonly [label: string, text: string])[];
  readonly notes: readonly Note[];
}

export function newRoute(name: string): RouteDraft {
  return { name, hosts: [], paths: [], match: [], options: new Map() };
}

/** Lets nobody in, in the place of a protection that has no label. */
export function closeRoute(route: RouteDraft, about: string): void {
  route.options.set('deny', { text: '0.0.0.0/0,::/0', about });
}

export function lostProtection(about: string, what: string): Note {
  return {
    about,
    says: `${what}. It protects, so nobody is let in (proxy.deny) until you put something in its place`,
    severity: 'error',
  };
}

/** Who may enter, which a route has once: with a second one that is another, it is closed. @returns whether it has this one now. */
export function setAuth(
  route: RouteDraft,
  auth: Readonly<Record<string, string>>,
  about: string,
  notes: Note[],
): boolean {
  const { options } = route;
  const isThere = options.has('auth');
  if (isThere && Object.entries(auth).some(([key, text]) => options.get(key)?.text !== text)) {
    closeRoute(route, about);
    notes.push(lostProtection(about, 'a route has one proxy.auth, and this is a second'));
    return false;
  }
  for (const [key, text] of Object.entries(auth)) options.set(key, { text, about });
  return true;
}

/** Requests of a route that is left out would be served by the others, without what was to protect them. */
export const othersClosed: Note = {
  about: '',
  says: 'nobody is let in by the other routes (proxy.deny), since they would serve what the one left out was to protect',
  severity: 'error',
};

/** A dollar sign that we write ourselves. */
export const dollar = '$$';

/** What the container gets of a text in a compose file; null where that depends on a variable. */
export function asRead(text: string): string | null {
  const plain = text.replaceAll('$$', '\0');
  return /\$[A-Za-z_{]/.test(plain) ? null : plain.replaceAll('\0', '$');
}

/** The items of a list separated by commas or white space, without empty ones. */
export function itemsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((item) => item !== '');
}

export function isTrue(text: string | undefined): boolean {
  return text !== undefined && /^(true|1|t|yes|on)$/i.test(text.trim());
}
