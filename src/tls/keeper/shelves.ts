import type { Certificate } from '../certificate.ts';
import type { CertificateView } from '../certificate-view.ts';
import type { FileCertificates } from '../file-certificates.ts';
import type { HostTerms, WantedCertificate } from '../wanted.ts';
import { acmeView, fileView, internalView, missingView, standInView } from './certificate-views.ts';
import type { HeldIndex } from './held-index.ts';
import type { InternalShelf } from './internal-shelf.ts';
import type { HeldCertificate } from './keeper-tools.ts';
import type { Pursuits } from './pursuits.ts';

/** What a host is shown now. */
export interface Shown {
  readonly certificate: Certificate | null;
  /** Nobody is sent to it. */
  readonly placeholder: boolean;
}

/** Where the certificates of all kinds are found. */
export class Shelves {
  readonly #about: {
    readonly index: HeldIndex;
    readonly pursuits: Pursuits;
    readonly internal: InternalShelf;
    readonly files: Pick<FileCertificates, 'get'>;
  };

  constructor(about: {
    readonly index: HeldIndex;
    readonly pursuits: Pursuits;
    readonly internal: InternalShelf;
    readonly files: Pick<FileCertificates, 'get'>;
  }) {
    this.#about = about;
  }

  /**
   * The certificate that is wanted for a host, even one that has ended: clients then say what is wrong, which a refused handshake does
   * not, and those that look at nothing go on. Without it what is held for the name anyway, such as the one from before its route
   * got another name; else the placeholder that its label asks for.
   */
  shown({ host, placeholder, quiet }: HostTerms, one: WantedCertificate): Shown {
    const { index, internal } = this.#about;
    const own = this.#own(one);
    if (one.source.kind === 'internal') return { certificate: own, placeholder: quiet };
    const certificate = own ?? index.standIn(host)?.certificate ?? null;
    if (certificate !== null || !placeholder) return { certificate, placeholder: false };
    return { certificate: internal.get(placeholderId(host)), placeholder: true };
  }

  views(one: WantedCertificate, nowMs: number): readonly CertificateView[] {
    const { pursuits, internal, files } = this.#about;
    const { source } = one;
    if (source.kind === 'internal') return [internalView(one, internal.get(one.id), nowMs)];
    const { whole, parts } = this.#own(one) === null ? this.#standIns(one) : { whole: null, parts: [] };
    const hasPlaceholder = one.names.some((name) => internal.get(placeholderId(name)) !== null);
    const others = parts.map((held) => standInView(held, one, nowMs));
    switch (source.kind) {
      case 'acme': {
        const pursuit = pursuits.get(one.id);
        const dueMs = pursuit === undefined ? null : pursuits.dueMs(pursuit);
        return [acmeView(one, { pursuit, dueMs, standIn: whole, hasPlaceholder, nowMs }), ...others];
      }
      case 'file':
        return [fileView(one, source.name, files.get(source.name), { standIn: whole, nowMs }), ...others];
      case 'none':
        return [missingView(one, source.why, whole), ...others];
      default:
        return source satisfies never;
    }
  }

  #own(one: WantedCertificate): Certificate | null {
    const { pursuits, internal, files } = this.#about;
    switch (one.source.kind) {
      case 'acme':
        return pursuits.get(one.id)?.held?.certificate ?? null;
      case 'internal':
        return internal.get(one.id);
      case 'file':
        return files.get(one.source.name).certificate;
      case 'none':
        return null;
      default:
        return one.source satisfies never;
    }
  }

  /** What its names are shown meanwhile: `whole` where there is something for each, and then the one that ends first. */
  #standIns({ names }: WantedCertificate): { whole: Certificate | null; parts: readonly HeldCertificate[] } {
    const found = names.map((name) => this.#about.index.standIn(name));
    const parts = [...new Set(found.filter((held) => held !== null))];
    if (parts.length === 0 || found.includes(null)) return { whole: null, parts };
    const [first] = parts.map(({ certificate }) => certificate).sort((a, b) => a.notAfterMs - b.notAfterMs);
    return { whole: first ?? null, parts: [] };
  }
}

/** Of the certificate of the internal CA that a host is shown while its own is not there. */
export function placeholderId(host: string): string {
  return `placeholder:${host}`;
}
