import { isIPv6 } from 'node:net';
import type { CauseRule, CauseScene, PlainCause } from './cause-rule.ts';
import { findingText } from './finding.ts';

/** What kept us from asking an issuer, or from keeping what it said. The first that fits counts. */
export const ownCauses: readonly CauseRule[] = [
  {
    key: 'disk-full',
    text: /ENOSPC|EDQUOT|no space left|disk (is )?full|database or disk is full/i,
    explain: () => ({
      cause: 'The disk that holds the data directory is full, and nothing is ordered that could not be kept.',
      remedy: 'Make room there (FAIRLEAD_DATA); then it is ordered again by itself.',
    }),
  },
  {
    key: 'disk-refuses',
    text: /EROFS|EACCES|EPERM|readonly database|read-only/i,
    types: [''],
    explain: () => ({
      cause: 'The data directory cannot be written, and nothing is ordered that could not be kept.',
      remedy: 'Give the proxy a data directory (FAIRLEAD_DATA) that its user may write.',
    }),
  },
  {
    key: 'clock',
    types: [''],
    text: /CERT_NOT_YET_VALID|CERT_HAS_EXPIRED|not valid yet|not yet valid|has expired|BADTIME/i,
    explain: () => ({
      cause: 'The clock of this machine and that of the other side do not agree; most likely it is wrong here.',
      remedy: 'Set the clock right (`date -u` shows it), and let NTP keep it so.',
    }),
  },
  {
    key: 'issuer-untrusted',
    types: [''],
    text: /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|ALTNAME_INVALID|signed by nobody known|unable to verify|self-signed/i,
    explain: ({ settings }) => ({
      cause: "The issuer's own HTTPS certificate is not to be trusted.",
      remedy: `For an authority of your own set ${settings}CA_FILE to its root certificate; else see what stands between it and us.`,
    }),
  },
  {
    key: 'issuer-unresolved',
    types: [''],
    stages: ['directory', 'account', 'order', 'finalize', 'download'],
    text: /ENOTFOUND|EAI_AGAIN/,
    explain: ({ settings }) => ({
      cause: "The issuer's name cannot be resolved from here.",
      remedy: `See that the proxy has DNS (in a container: that of the Docker engine), and that ${settings}DIRECTORY is right.`,
    }),
  },
  {
    key: 'issuer-refuses',
    types: [''],
    text: /issuer at .* cannot be reached:.*(ECONNREFUSED|EPROTO|WRONG_VERSION_NUMBER)/i,
    explain: ({ text, settings }) => ({
      cause: `No ACME server answers at ${/issuer at (\S+)/.exec(text)?.[1] ?? 'its address'}.`,
      remedy: `See that ${settings}DIRECTORY is right and its server runs; it is asked again by itself.`,
    }),
  },
  {
    key: 'issuer-unreachable',
    types: [''],
    text: /issuer at .* cannot be reached|was not done within|still not decided/i,
    explain: () => ({
      cause: 'The issuer cannot be reached from here, or does not answer in time.',
      remedy: 'Nothing to do where it is the issuer: it is asked again by itself. Else let the proxy out to port 443.',
    }),
  },
  {
    key: 'no-staging',
    types: [''],
    text: /there is no staging directory/,
    explain: ({ settings }) => ({
      cause: 'This issuer has no staging directory that an order could be tried at.',
      remedy: `Set ${settings}STAGING to one, or order for real.`,
    }),
  },
  {
    key: 'nonsense',
    types: [''],
    text: /makes no sense|the issuer answered \d{3}/i,
    explain: ({ settings }) => ({
      cause: 'What answers in place of the issuer does not speak ACME.',
      remedy: `See that ${settings}DIRECTORY is the address of an ACME directory, and that nothing between us changes answers.`,
    }),
  },
  {
    key: 'no-challenge',
    types: [''],
    text: /the issuer offers|is to be proven by DNS|can be proven (by DNS|over HTTP) only/i,
    explain: ({ name, text, settings }) => ({
      cause: `There is no way to prove ${name} to the issuer: ${text}.`,
      remedy: `Allow another challenge (proxy.tls.challenge), or give access to DNS (${settings}DNS), which wildcards need.`,
    }),
  },
  {
    key: 'preflight',
    stages: ['preflight'],
    explain: preflightCause,
  },
  {
    key: 'not-shown',
    types: [''],
    text: /challenge cannot be shown: (?!.*\b(TXT|DNS)\b)/i,
    explain: () => ({
      cause: 'The workers of the proxy did not take the answer to the challenge in time.',
      remedy: 'Nothing to do: it is ordered again by itself. If it stays, see whether the machine is overloaded.',
    }),
  },
  {
    key: 'unexplained',
    types: [''],
    text: /gives no reason/i,
    explain: ({ name }) => ({
      cause: `The issuer does not believe that ${name} is ours, and does not say why.`,
      remedy: 'It is ordered again by itself; `fairlead certs renew --dry` tries it out at staging.',
    }),
  },
  {
    key: 'dns-provider',
    types: [''],
    stages: ['challenge'],
    explain: ({ text, settings }) => ({
      cause: `The TXT record for the dns challenge could not be set: ${text}.`,
      remedy: `Check ${settings}DNS and ${settings}DNS_SECRET, and what the provider or name server allows them.`,
    }),
  },
];

/** What the preflight held back for, in more words than its finding has. */
function preflightCause({ findings, name, text }: CauseScene): PlainCause {
  const found =
    findings.find(({ weight }) => weight === 'fatal') ?? findings.find(({ weight }) => weight === 'suspect');
  if (found === undefined) return { cause: `${text}.`, remedy: `See that ${name} leads to this machine.` };
  const cause = `${findingText(found)}, so no order was spent on it.`;
  if (found.kind !== 'other-server')
    return {
      cause,
      remedy: `Add an A record for ${name} (and an AAAA record where this machine has IPv6). Where only a private DNS does not know it, set FAIRLEAD_DNS to a public resolver.`,
    };
  const record = isIPv6(found.address) ? 'AAAA' : 'A';
  return {
    cause,
    remedy: `Point the ${record} record of ${name} at this machine${record === 'AAAA' ? ', or remove it' : ''}. If it is right and only the router answers for itself from inside, set FAIRLEAD_ACME_PREFLIGHT=off.`,
  };
}
