import type { TraefikPart } from './traefik-labels.ts';
import { isTrue, type Note, type RouteDraft } from './translation.ts';

/** Options of the middleware `headers` that are one header, by the option. */
const responseHeaders: Readonly<Record<string, string>> = {
  customframeoptionsvalue: 'X-Frame-Options',
  custombrowserxssvalue: 'X-XSS-Protection',
  contentsecuritypolicy: 'Content-Security-Policy',
  contentsecuritypolicyreportonly: 'Content-Security-Policy-Report-Only',
  referrerpolicy: 'Referrer-Policy',
  permissionspolicy: 'Permissions-Policy',
  accesscontrolexposeheaders: 'Access-Control-Expose-Headers',
};

/** The same where the option only switches it. */
const switchedHeaders: Readonly<Record<string, readonly [name: string, text: string]>> = {
  framedeny: ['X-Frame-Options', 'DENY'],
  contenttypenosniff: ['X-Content-Type-Options', 'nosniff'],
  browserxssfilter: ['X-XSS-Protection', '1; mode=block'],
};

const cors: Readonly<Record<string, string>> = {
  accesscontrolalloworiginlist: 'cors',
  accesscontrolallowmethods: 'cors.methods',
  accesscontrolallowheaders: 'cors.headers',
  accesscontrolallowcredentials: 'cors.credentials',
  accesscontrolmaxage: 'cors.maxage',
};

/** What is done anyway, or has no sense here. */
const needless = new Set(['addvaryheader', 'isdevelopment', 'stsincludesubdomains', 'stspreload', 'forcestsheader']);

/** The middleware `headers`: options without the `headers.` before them. */
export function translateHeaders(part: TraefikPart, route: RouteDraft, notes: Note[]): void {
  for (const [option, { text, about }] of part) {
    const set = (key: string, value: string) => route.options.set(key, { text: value, about });
    const custom = /^custom(request|response)headers\.(.+)$/.exec(option);
    if (custom !== null) set(`${custom[1] === 'request' ? 'reqheader' : 'header'}.${custom[2]}`, text);
    else if (Object.hasOwn(responseHeaders, option)) set(`header.${responseHeaders[option]}`, text);
    else if (Object.hasOwn(switchedHeaders, option)) {
      const [name, value] = switchedHeaders[option] as readonly [string, string];
      if (isTrue(text) && !part.has(`custom${option === 'framedeny' ? 'frameoptions' : 'browserxss'}value`))
        set(`header.${name}`, value);
    } else if (Object.hasOwn(cors, option)) set(cors[option] as string, text);
    else if (option === 'stsseconds') {
      if (text !== '0') set('header.Strict-Transport-Security', hsts(part, text));
    } else if (/^ssl(redirect|forcehost|temporaryredirect)$/.test(option)) {
      if (isTrue(text)) set('http', 'redirect');
    } else if (!needless.has(option)) notes.push({ about, says: 'has no label', severity: 'warning' });
  }
}

function hsts(part: TraefikPart, seconds: string): string {
  const subdomains = isTrue(part.get('stsincludesubdomains')?.text) ? '; includeSubDomains' : '';
  const preload = isTrue(part.get('stspreload')?.text) ? '; preload' : '';
  return `max-age=${seconds}${subdomains}${preload}`;
}
