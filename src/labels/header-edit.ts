/** How one header is edited, by `proxy.header.*` and `proxy.reqheader.*`. `value` may hold `{client_ip}` and the like. */
export interface HeaderEdit {
  readonly name: string;
  readonly value: string;
  readonly how: 'set' | 'append' | 'if-absent' | 'delete';
}
