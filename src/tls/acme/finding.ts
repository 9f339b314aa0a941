/** What the preflight saw of one name, or of one of its addresses. */
export type Finding = FindingKind & {
  readonly name: string;
  /** Whether an order is held back for it. */
  readonly weight: FindingWeight;
};

export type FindingWeight =
  /** As it should be. */
  | 'fine'
  /** Worth telling, but the issuer may see it otherwise. */
  | 'warning'
  /** An order would most likely fail; but what is seen from inside can mislead, so it is not believed for ever. */
  | 'suspect'
  /** An order would fail. */
  | 'fatal';

export type FindingKind =
  /** Our own answer came back. */
  | { readonly kind: 'reached'; readonly address: string }
  | { readonly kind: 'unresolved'; readonly answer: 'no-name' | 'no-address' | 'no-answer'; readonly detail: string }
  /** Somebody else answered. `status` null and `server` '' where it was TLS. */
  | { readonly kind: 'other-server'; readonly address: string; readonly status: number | null; readonly server: string }
  /** HTTP sent us elsewhere; issuers go there too. */
  | { readonly kind: 'redirected'; readonly address: string; readonly location: string }
  /** `code` as node has it, such as ECONNREFUSED; ETIMEDOUT where our own patience ended. */
  | { readonly kind: 'unreachable'; readonly address: string; readonly code: string };

/** A finding in a sentence. */
export function findingText(finding: Finding): string {
  const { name } = finding;
  switch (finding.kind) {
    case 'reached':
      return finding.weight === 'fine'
        ? `${name} reaches us at ${finding.address}`
        : `${name} reaches us at ${finding.address}, a private address where nobody on the internet gets`;
    case 'unresolved':
      switch (finding.answer) {
        case 'no-name':
          return `${name} does not exist in DNS`;
        case 'no-address':
          return `${name} has neither an A nor an AAAA record`;
        case 'no-answer':
          return `DNS gives no answer for ${name} (${finding.detail})`;
        default:
          return finding.answer satisfies never;
      }
    case 'other-server': {
      const who = finding.server === '' ? 'another server' : `another server (${finding.server})`;
      const how = finding.status === null ? 'with TLS of its own' : `with status ${finding.status}`;
      return `${name} leads to ${finding.address}, where ${who} answers ${how}`;
    }
    case 'redirected':
      return `${name} at ${finding.address} redirects to ${finding.location}`;
    case 'unreachable':
      return `${name} at ${finding.address} cannot be reached from here (${finding.code})`;
    default:
      return finding satisfies never;
  }
}
