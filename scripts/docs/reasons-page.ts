import { STATUS_CODES } from 'node:http';
import { type FailureKind, failureKinds } from '../../src/http/failure.ts';

/** docs/reasons.md: every reason in `Proxy-Status`, from the one table in src/http/failure.ts. */
export function reasonsPage(): string {
  const kinds = Object.entries(failureKinds) as [string, FailureKind][];
  return `# Reasons

Every answer that the proxy gives by itself says why, in three places: the header \`Proxy-Status: fairlead; error=<type>; details=<reason>\`
(RFC 9209), the body (\`"reason"\` in JSON), and the access log (\`"reason"\`). This page lists the reasons; it is made from
\`src/http/failure.ts\` by \`npm run docs\`.

| reason | status | RFC 9209 type |
| --- | --- | --- |
${kinds.map(([reason, kind]) => `| [\`${reason}\`](#${reason}) | ${kind.status} | \`${kind.type}\` |`).join('\n')}

${kinds.map(([reason, kind]) => paragraph(reason, kind)).join('\n\n')}
`;
}

function paragraph(reason: string, { status, title, advice, retryAfterSeconds }: FailureKind): string {
  const again = retryAfterSeconds === undefined ? '' : ` Sent with \`Retry-After: ${retryAfterSeconds}\`.`;
  const phrase = STATUS_CODES[status] ?? 'in the log only';
  return `## ${reason}\n\n**${title}** (${status} ${phrase}). ${advice}${again}`;
}
