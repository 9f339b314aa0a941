import { isIP, isIPv6 } from 'node:net';
import { issuerSettings } from '../issuer-setting.ts';
import type { AcmeFailure, OrderStage } from './failure.ts';
import type { Finding } from './finding.ts';

/** What is wrong and what to do, in plain words. */
export interface PlainCause {
  readonly cause: string;
  readonly remedy: string;
}

/** One kind of failure. All that is given has to fit. */
export interface CauseRule {
  /** For logs and tests, such as `port-timeout`. */
  readonly key: string;
  readonly stages?: readonly OrderStage[];
  /** Without `urn:ietf:params:acme:error:`; '' = no issuer said so. */
  readonly types?: readonly string[];
  readonly text?: RegExp;
  readonly when?: (scene: CauseScene) => boolean;
  explain(scene: CauseScene): PlainCause;
}

/** A failure, with what can be read from it. */
export interface CauseScene {
  readonly stage: OrderStage;
  /** As in `CauseRule.types`. */
  readonly type: string;
  readonly status: number | null;
  readonly text: string;
  /** The name that failed, or the first of the order. */
  readonly name: string;
  /** Where the issuer went; null = it did not say. */
  readonly address: string | null;
  readonly port: 80 | 443;
  /** ` until <time>`, or '' where the issuer named none. */
  readonly until: string;
  /** Our own word for the issuer's settings: `FAIRLEAD_ACME_` or `FAIRLEAD_ISSUER_<NAME>_`. */
  readonly settings: string;
  readonly findings: readonly Finding[];
}

export interface CauseAbout {
  /** The issuer's name in the settings. */
  readonly issuer: string;
  /** Of the order; at least one. */
  readonly names: readonly string[];
  /** What the preflight saw; empty where there was none. */
  readonly findings: readonly Finding[];
}

const urn = /^urn:(?:ietf:params:)?acme:error:/;

/** Reads a failure; of several names that failed the first that says why. */
export function causeScene(
  { problem, stage, retryAfterMs }: Pick<AcmeFailure, 'problem' | 'stage' | 'retryAfterMs'>,
  { issuer, names, findings }: CauseAbout,
): CauseScene {
  const first = problem.subproblems.find(({ detail }) => detail !== '');
  const text = first?.detail ?? problem.detail;
  const [, spoken = ''] =
    /^(?:[a-z]+-[a-z0-9-]*01: )?(?:During secondary validation: )?\[?([0-9a-fA-F.:]+)\]?: /.exec(text) ?? [];
  const name = first?.name || names[0] || '';
  return {
    stage,
    type: (first?.type || problem.type).replace(urn, ''),
    status: problem.status,
    text,
    name,
    address: isIP(spoken) === 0 ? null : spoken,
    port: /tls-alpn-01|acme-tls|:443\b/.test(text) ? 443 : 80,
    until: untilText(retryAfterMs, text),
    settings: issuerSettings(issuer),
    findings: findings.filter((finding) => finding.name === name),
  };
}

export function ruleFits({ stages, types, text, when }: CauseRule, scene: CauseScene): boolean {
  return (
    (stages === undefined || stages.includes(scene.stage)) &&
    (types === undefined || types.includes(scene.type)) &&
    (text === undefined || text.test(scene.text)) &&
    (when === undefined || when(scene))
  );
}

/** Whether the issuer went to an IPv6 address that does not lead to us as far as the preflight knows. */
export function wentToOtherSix({ address, findings }: CauseScene): boolean {
  if (address === null || !isIPv6(address)) return false;
  return !findings.some((one) => one.kind === 'reached' && one.address === address);
}

function untilText(retryAfterMs: number | null, text: string): string {
  const spoken = /retry after (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)/i.exec(text);
  const atMs = retryAfterMs ?? (spoken === null ? Number.NaN : Date.parse(`${spoken[1]}T${spoken[2]}Z`));
  return Number.isNaN(atMs) ? '' : ` until ${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
