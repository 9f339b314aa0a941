/** What the settings of an issuer begin with: `FAIRLEAD_ACME_`, or `FAIRLEAD_ISSUER_OUR_CA_` for `our-ca`. */
export function issuerSettings(name: string): string {
  // No shell takes a hyphen in the name of a variable.
  return name === 'default' ? 'FAIRLEAD_ACME_' : `FAIRLEAD_ISSUER_${name.toUpperCase().replaceAll('-', '_')}_`;
}
