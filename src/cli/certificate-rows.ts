import { readSwitch } from '../labels/plain-value.ts';
import { readResolvers } from './resolvers.ts';
import type { SettingRows } from './setting-row.ts';

/** What holds for certificates of all issuers; those have rows of their own (issuer-rows.ts). */
export interface CertificateSettings {
  readonly acmePreflight: boolean;
  /** DNS servers as `address:port`; empty = those of the system. */
  readonly resolvers: readonly string[];
}

export const certificateRows: SettingRows<CertificateSettings> = {
  acmePreflight: {
    name: 'FAIRLEAD_ACME_PREFLIGHT',
    value: 'bool',
    default: 'on',
    builtIn: () => true,
    read: readSwitch,
    help: 'check that a host leads to this proxy before a certificate is ordered',
    example: 'off',
    active: true,
  },
  resolvers: {
    name: 'FAIRLEAD_DNS',
    value: 'list of addresses with or without a port',
    default: 'those of the system',
    builtIn: () => [],
    read: readResolvers,
    help: 'DNS servers that are asked before an order: where a host leads, and whether a TXT record is there',
    example: '9.9.9.9,127.0.0.1:8053',
    active: true,
  },
};
