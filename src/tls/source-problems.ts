import type { Problem } from '../labels/problem.ts';
import { didYouMean } from '../labels/value-reading.ts';
import { labelOf, labelText } from '../routing/option-label.ts';
import { ProblemList } from '../routing/problem-list.ts';
import { hostText } from '../routing/route-id.ts';
import type { SourceFault } from './certificate-source.ts';
import type { HostDemand } from './host-demand.ts';

/** What keeps hosts from their certificates, as problems of the containers; one for all hosts that only lack an issuer. */
export class SourceProblems {
  readonly #list = new ProblemList();
  readonly #withoutIssuer: string[] = [];

  constructor(before: readonly Problem[]) {
    this.#list.addAll(before);
  }

  add({ host, speaker }: HostDemand, fault: SourceFault): void {
    if (fault.option === 'issuer') {
      this.#withoutIssuer.push(hostText(host).trim());
      return;
    }
    const { container, spec } = speaker.winner;
    const label = labelOf(spec, fault.option);
    this.#list.add({
      container: container.name,
      label,
      value: labelText(spec, fault.option),
      expected: fault.expected,
      suggestion: fault.instead === undefined ? fault.mend : didYouMean(`${label}=${fault.instead}`),
      severity: 'error',
    });
  }

  addCrowd({ speaker: { winner } }: HostDemand, count: number): void {
    this.#list.add({
      container: winner.container.name,
      label: labelOf(winner.spec, 'host'),
      value: labelText(winner.spec, 'host'),
      expected: `at most 100 names in a certificate: the ${count} of this route are split over several`,
      suggestion: `set ${labelOf(winner.spec, 'tls.wildcard')}=true where the dns challenge can be used`,
      severity: 'info',
    });
  }

  all(): readonly Problem[] {
    const [first, ...others] = this.#withoutIssuer;
    if (first === undefined) return this.#list.all();
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    const lacking: Problem = {
      container: '',
      label: 'FAIRLEAD_ACME_EMAIL',
      value: '',
      expected: `an e-mail address such as ops@example.com: without an issuer there is no certificate for ${first}${more}`,
      suggestion: 'set FAIRLEAD_ACME_EMAIL, or proxy.tls=internal where browsers may warn, or proxy.tls=off',
      severity: 'info',
    };
    return [...this.#list.all(), lacking];
  }
}
