import { X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';
import { isSignedBy } from './chain-order.ts';

/** Authorities, and which chains lead to one of them. */
export class RootList {
  readonly #bySubject: ReadonlyMap<string, readonly X509Certificate[]>;
  /** The same few issuers sign thousands of leaves: what was found of them is kept, by their fingerprints. */
  readonly #found = new Map<string, Span | null>();

  constructor(pems: readonly string[]) {
    this.#bySubject = Map.groupBy(
      pems.map((pem) => new X509Certificate(pem)),
      ({ subject }) => subject,
    );
  }

  /**
   * Whether a chain, the leaf first and each signed by the next, leads to a root. Its issuers must be authorities and valid at
   * `nowMs` (epoch); the leaf's own times are not looked at.
   */
  trusts(chain: readonly X509Certificate[], nowMs: number): boolean {
    const [leaf, ...issuers] = chain;
    if (leaf === undefined) return false;
    const root = this.#rootOf(leaf);
    const span = root === null ? this.#spanOfIssuers(issuers) : spanOf(root);
    return span !== null && span.fromMs <= nowMs && nowMs <= span.toMs;
  }

  #spanOfIssuers(issuers: readonly X509Certificate[]): Span | null {
    const key = issuers.map(({ fingerprint256 }) => fingerprint256).join();
    const found = this.#found.get(key);
    if (found !== undefined) return found;
    if (this.#found.size >= foundMax) this.#found.clear();
    const span = this.#findSpan(issuers);
    this.#found.set(key, span);
    return span;
  }

  /** The first issuer that a root has signed ends the search: what follows is there for clients of old. */
  #findSpan(issuers: readonly X509Certificate[]): Span | null {
    let span: Span = { fromMs: 0, toMs: Number.POSITIVE_INFINITY };
    for (const issuer of issuers) {
      if (!issuer.ca) return null;
      span = overlap(span, spanOf(issuer));
      const root = this.#rootOf(issuer);
      if (root !== null) return overlap(span, spanOf(root));
    }
    return null;
  }

  #rootOf(certificate: X509Certificate): X509Certificate | null {
    return this.#bySubject.get(certificate.issuer)?.find((root) => isSignedBy(certificate, root)) ?? null;
  }
}

let browsers: RootList | null = null;

/** Mozilla's list as Node carries it, read when it is first asked for (15 ms). What the operator trusts for himself is not in it: browsers elsewhere do not know it. */
export function browserRoots(): RootList {
  browsers ??= new RootList(getCACertificates('bundled'));
  return browsers;
}

const foundMax = 200;

/** Epoch ms. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

function spanOf(certificate: X509Certificate): Span {
  return { fromMs: certificate.validFromDate.getTime(), toMs: certificate.validToDate.getTime() };
}

function overlap(one: Span, other: Span): Span {
  return { fromMs: Math.max(one.fromMs, other.fromMs), toMs: Math.min(one.toMs, other.toMs) };
}
