import type { CauseRule } from './cause-rule.ts';

/** Why an issuer wants no order of ours. Texts as Boulder and pebble send them; the first that fits counts. */
export const issuerCauses: readonly CauseRule[] = [
  {
    key: 'limit-same-names',
    types: ['rateLimited'],
    text: /exact set/i,
    explain: ({ until }) => ({
      cause: `The issuer has signed too many certificates for exactly these names lately and signs no more${until}.`,
      remedy:
        'Wait: it is ordered again by itself. If certificates are lost with every start, keep the data directory in a volume.',
    }),
  },
  {
    key: 'limit-failures',
    types: ['rateLimited'],
    text: /failed (authorizations|validations)/i,
    explain: ({ name, until }) => ({
      cause: `Too many checks of ${name} have failed, and the issuer makes no more${until}.`,
      remedy: 'Mend what the failure before this one named; then it is ordered again by itself.',
    }),
  },
  {
    key: 'limit-domain',
    types: ['rateLimited'],
    text: /certificates.*already issued/i,
    explain: ({ name, until }) => ({
      cause: `The issuer has signed too many certificates for the domain of ${name} lately and signs no more${until}.`,
      remedy:
        'Wait: it is ordered again by itself. With the dns challenge proxy.tls.wildcard=true needs one for all names.',
    }),
  },
  {
    key: 'issuer-busy',
    types: ['rateLimited'],
    text: /busy/i,
    explain: ({ until }) => ({
      cause: `The issuer has too much to do at the moment${until}.`,
      remedy: 'Nothing to do: it is asked again by itself.',
    }),
  },
  {
    key: 'limit-account',
    types: ['rateLimited'],
    explain: ({ until }) => ({
      cause: `The issuer takes no more orders from this account or address${until}.`,
      remedy: 'Wait: orders go on by themselves. See that no other program orders with the same account or address.',
    }),
  },
  {
    key: 'eab-missing',
    types: ['externalAccountRequired'],
    explain: ({ settings }) => ({
      cause: 'The issuer wants an account that you have with it already (external account binding), and none is set.',
      remedy: `Get a key id and an HMAC key from the issuer, and set ${settings}EAB_KID and ${settings}EAB_HMAC.`,
    }),
  },
  {
    key: 'eab-wrong',
    stages: ['account'],
    text: /external ?account|\bEAB\b|\bkid\b|\bhmac\b/i,
    explain: ({ settings }) => ({
      cause: 'The issuer does not accept the external account binding that is set.',
      remedy: `Copy ${settings}EAB_KID and ${settings}EAB_HMAC from the issuer again; many are good for one account only.`,
    }),
  },
  {
    key: 'account-lost',
    types: ['accountDoesNotExist'],
    explain: () => ({
      cause: 'The issuer does not know our account any more.',
      remedy:
        'Nothing to do: a new one is made with the next order. If it happens again, see whether the directory is the right one.',
    }),
  },
  {
    key: 'account-refused',
    stages: ['directory', 'account', 'order'],
    types: ['unauthorized'],
    explain: ({ settings }) => ({
      cause: 'The issuer does not let our account order: it may be deactivated, or not allowed for these names.',
      remedy: `Ask the issuer about the account, or give another e-mail address or binding (${settings}EMAIL, ${settings}EAB_KID).`,
    }),
  },
  {
    key: 'terms',
    types: ['userActionRequired'],
    explain: () => ({
      cause: 'The issuer has new terms of service, or wants something else to be done by hand first.',
      remedy: 'Follow the link in the message of the issuer; then it is ordered again by itself.',
    }),
  },
  {
    key: 'contact',
    types: ['invalidContact', 'unsupportedContact', 'invalidEmail'],
    explain: ({ settings }) => ({
      cause: 'The issuer does not accept the e-mail address.',
      remedy: `Set ${settings}EMAIL to an address that exists; example.com and the like are refused.`,
    }),
  },
  {
    key: 'profile',
    types: ['invalidProfile', '', 'malformed'],
    text: /\bprofile\b/i,
    explain: ({ settings }) => ({
      cause: 'The issuer does not have the profile that is set.',
      remedy: `Set ${settings}PROFILE to one that it offers, or leave it empty.`,
    }),
  },
  {
    key: 'name-refused',
    types: ['rejectedIdentifier', 'unsupportedIdentifier'],
    explain: ({ name }) => ({
      cause: `The issuer does not sign ${name}: names that do not end as the public internet's do, and names on its own list.`,
      remedy: 'Use a name of a domain that you have registered, or proxy.tls=internal for names of your own network.',
    }),
  },
  {
    key: 'csr',
    types: ['badCSR', 'badPublicKey', 'badSignatureAlgorithm'],
    explain: () => ({
      cause: 'The issuer does not accept the request for the certificate: its names, its key or how it is signed.',
      remedy:
        'Try another issuer, and report this with the message of the issuer: requests are made by the proxy itself.',
    }),
  },
  {
    key: 'nonce',
    types: ['badNonce'],
    explain: () => ({
      cause: 'The issuer refused our requests as outdated again and again.',
      remedy:
        'Nothing to do: it is ordered again by itself. If it stays, something between us and the issuer keeps old answers (a cache, a proxy).',
    }),
  },
  {
    key: 'issuer-broken',
    when: ({ status, type }) => type === 'serverInternal' || (status !== null && status >= 500),
    explain: ({ until }) => ({
      cause: `The issuer itself does not work at the moment${until}.`,
      remedy:
        "Nothing to do: it is asked again by itself. Most issuers have a status page (Let's Encrypt: https://letsencrypt.status.io).",
    }),
  },
];
