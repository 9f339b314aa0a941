/** Whether the value of that header is likely a secret, and must not be shown. */
export function isSecretHeader(name: string): boolean {
  return /auth|cookie|token|secret|passw|key|credential|session|signature/i.test(name);
}
