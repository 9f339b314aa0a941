/** Alerts that end a handshake before there is a TLS object to send them (RFC 8446 §6, RFC 6066 §3, RFC 7301 §3.2). */
const descriptions = {
  unexpected_message: 10,
  record_overflow: 22,
  illegal_parameter: 47,
  decode_error: 50,
  protocol_version: 70,
  internal_error: 80,
  unrecognized_name: 112,
  no_application_protocol: 120,
} as const;

export type Alert = keyof typeof descriptions;

/** A fatal alert as a record of its own, under the version that every client of TLS 1.0 and later reads. */
export function alertRecord(alert: Alert): Buffer {
  return Buffer.from([21, 3, 1, 0, 2, 2, descriptions[alert]]);
}
