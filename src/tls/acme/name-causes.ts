import { type CauseRule, type CauseScene, wentToOtherSix } from './cause-rule.ts';

/** Why an issuer does not believe that a name is ours. Texts as Let's Encrypt's Boulder and pebble send them; the first that fits counts. */
export const nameCauses: readonly CauseRule[] = [
  {
    key: 'caa-unanswered',
    types: ['caa', 'dns'],
    text: /looking up CAA|processing CAA.*DNS problem/i,
    explain: ({ name }) => ({
      cause: `The name servers of ${name} fail when they are asked for CAA records, so no issuer may sign it.`,
      remedy: `Have the DNS provider mend it: \`dig CAA ${bare(name)}\` must answer, if only with nothing.`,
    }),
  },
  {
    key: 'caa-forbids',
    types: ['caa'],
    explain: ({ name }) => ({
      cause: `A CAA record in DNS forbids this issuer to sign ${name}.`,
      remedy: `Add the issuer to the CAA records of the domain (for Let's Encrypt: \`0 issue "letsencrypt.org"\`), or remove them.`,
    }),
  },
  {
    key: 'txt-missing',
    text: /No TXT records? found|NXDOMAIN looking up TXT|Error retrieving TXT records/i,
    explain: ({ name }) => ({
      cause: `The issuer found no TXT record at _acme-challenge.${bare(name)}.`,
      remedy:
        'Check that the DNS access of the settings writes to the zone that the internet sees (or to where a CNAME leads), and that all of its name servers have it.',
    }),
  },
  {
    key: 'txt-wrong',
    text: /Incorrect TXT record|Correct value not found for DNS challenge/i,
    explain: ({ name }) => ({
      cause: `At _acme-challenge.${bare(name)} the issuer found another TXT value than ours.`,
      remedy:
        'Remove old TXT records there, see that no other program answers challenges for the name, and that all name servers of the zone agree.',
    }),
  },
  {
    key: 'no-such-name',
    types: ['dns', 'unauthorized', 'connection'],
    text: /NXDOMAIN/i,
    explain: ({ name }) => ({
      cause: `${name} does not exist in DNS.`,
      remedy: `Add an A record for it (and an AAAA record where this machine has IPv6), or remove the name from proxy.host.`,
    }),
  },
  {
    key: 'no-address',
    types: ['dns', 'unauthorized', 'connection'],
    text: /no valid (A|AAAA|IP)\b/i,
    explain: ({ name }) => ({
      cause: `${name} has no public address in DNS.`,
      remedy:
        'Add an A record (and an AAAA record where this machine has IPv6) with an address that the internet reaches.',
    }),
  },
  {
    key: 'dns-fails',
    types: ['dns'],
    explain: ({ name }) => ({
      cause: `The name servers of ${name} give the issuer no proper answer.`,
      remedy: `See that they answer from everywhere, and that DNSSEC is in order (https://dnsviz.net helps): \`dig ${bare(name)}\` must not say SERVFAIL.`,
    }),
  },
  {
    key: 'aaaa-elsewhere',
    types: ['connection', 'unauthorized', 'tls', 'incorrectResponse'],
    when: wentToOtherSix,
    explain: ({ name, address, port, type }) => ({
      cause: `The AAAA record of ${name} leads the issuer to ${address}, where ${type === 'connection' ? 'it gets no answer' : 'another server answers'}; issuers ask IPv6 first.`,
      remedy: `Point the AAAA record at this machine and open port ${port} for IPv6 too, or remove it.`,
    }),
  },
  {
    key: 'port-refused',
    types: ['connection'],
    text: /refused/i,
    explain: (scene) => ({
      cause: `Port ${scene.port} at ${place(scene)} refuses connections: nothing listens there.`,
      remedy: `Publish port ${scene.port} of the proxy (ports: "${scene.port}:${scene.port}"), and have the router forward it to this machine.${fromHere(scene)}`,
    }),
  },
  {
    key: 'port-timeout',
    types: ['connection'],
    text: /timeout|timed out|firewall|no route/i,
    explain: (scene) => ({
      cause: `Nothing answers the issuer at port ${scene.port} of ${place(scene)}: mostly a firewall, or a router that does not forward the port.`,
      remedy: `Open port ${scene.port} for everybody, in the firewall of this machine and in that of its provider, or use the dns challenge.${fromHere(scene)}`,
    }),
  },
  {
    key: 'port-cut',
    types: ['connection'],
    explain: (scene) => ({
      cause: `The issuer's connection to port ${scene.port} of ${place(scene)} was cut before it had an answer.`,
      remedy: `See what stands between the internet and the proxy: a firewall that inspects, or another program at that port.${fromHere(scene)}`,
    }),
  },
  {
    key: 'alpn-other-server',
    types: ['unauthorized', 'tls'],
    text: /ALPN|tls-alpn-01|acme-tls/i,
    explain: (scene) => ({
      cause: `At port 443 of ${place(scene)} another server ends TLS and knows nothing of our challenge.`,
      remedy:
        'Point the DNS records at this machine; behind a CDN or load balancer that ends TLS use the http or dns challenge (proxy.tls.challenge).',
    }),
  },
  {
    key: 'http-other-client',
    types: ['unauthorized', 'incorrectResponse'],
    text: /key authorization|did not match/i,
    explain: (scene) => ({
      cause: `At ${place(scene)} something answers the challenge in our place, with another answer.`,
      remedy: 'End the other ACME client that is in charge of the name, or point the DNS records at this machine.',
    }),
  },
  {
    key: 'http-other-server',
    types: ['unauthorized', 'incorrectResponse'],
    text: /Invalid response from|Non-200 status code/i,
    explain: (scene) => ({
      cause: `At ${place(scene)} another server answers${statusOf(scene.text)}, which knows nothing of our challenge.`,
      remedy:
        'Point the A and AAAA records of the name at this machine; what stands in front of it must pass /.well-known/acme-challenge/ on.',
    }),
  },
  {
    key: 'tls-in-the-way',
    types: ['tls'],
    explain: (scene) => ({
      cause: `The issuer could not agree on TLS with what answers at ${place(scene)}.`,
      remedy: 'See which server answers at port 443 there; a redirect to https must lead back to this proxy.',
    }),
  },
];

function bare(name: string): string {
  return name.startsWith('*.') ? name.slice(2) : name;
}

function place({ name, address }: CauseScene): string {
  return address === null ? name : `${name} (${address})`;
}

/** Where the proxy is reached from inside, what blocks is outside. */
function fromHere({ findings }: CauseScene): string {
  return findings.some(({ kind }) => kind === 'reached')
    ? ' From this machine the name does reach the proxy, so what is in the way lies outside of it.'
    : '';
}

/** Boulder ends with `…: 404`, pebble with `… returned 404`. */
function statusOf(text: string): string {
  const status = /(?:: |returned )(\d{3})$/.exec(text)?.[1];
  return status === undefined ? '' : ` with ${status}`;
}
