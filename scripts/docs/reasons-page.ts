import { STATUS_CODES } from 'node:http';
import { type FailureKind, failureKinds, type Reason } from '../../src/http/failure.ts';
import { failureCauses } from '../../src/http/failure-help.ts';

/** docs/reasons.md: every reason in `Proxy-Status`, from the tables in src/http/failure.ts and failure-help.ts. */
export function reasonsPage(): string {
  const kinds = Object.entries(failureKinds) as [Reason, FailureKind][];
  return `# Reasons

Every answer that the proxy gives by itself says why, in three places: the header \`Proxy-Status: fairlead; error=<type>; details=<reason>\`
(RFC 9209), the body (\`"reason"\` in JSON), and the access log (\`"reason"\`). The dashboard lists the requests that failed last under their
route, with the reason of each. Whatever it is, \`fairlead explain URL\` decides the request before your eyes without sending it.
[why-503.md](how-to/why-503.md) and [why-404.md](how-to/why-404.md) go through the two that are asked about most.

This page is made from \`src/http/failure.ts\` and \`src/http/failure-help.ts\` by \`npm run docs\`.

| reason | status | RFC 9209 type |
| --- | --- | --- |
${kinds.map(([reason, kind]) => `| [\`${reason}\`](#${reason}) | ${kind.status} | \`${kind.type}\` |`).join('\n')}

${kinds.map(([reason, kind]) => paragraph(reason, kind)).join('\n\n')}
`;
}

function paragraph(reason: Reason, { status, title, advice, retryAfterSeconds }: FailureKind): string {
  const again = retryAfterSeconds === undefined ? '' : ` Sent with \`Retry-After: ${retryAfterSeconds}\`.`;
  const phrase = STATUS_CODES[status] ?? 'in the log only';
  return `## ${reason}\n\n**${title}** (${status} ${phrase}). ${advice}${again}\n\n| likely | what to do |\n| --- | --- |\n${failureCauses(
    reason,
  )
    .map(({ cause, remedy }) => `| ${cause} | ${remedy} |`)
    .join('\n')}`;
}
