import { jsonAnswer, textAnswer } from './admin-answer.ts';
import type { AdminAnswer, AdminContext, AdminRequest } from './admin-context.ts';
import { productVersion } from './product-version.ts';
import type { SharedStanding } from './shared-standing.ts';
import type { TracingStanding } from './tracing-standing.ts';

/** `GET /status`: the numbers of nginx's stub_status, as JSON or as its text, and how the data plane is doing. */
export async function statusEndpoint({ format }: AdminRequest, { view, now }: AdminContext): Promise<AdminAnswer> {
  const { connections } = await view.traffic();
  const { active, accepted, handled, requests, reading, writing, waiting } = connections;
  if (format === 'text') {
    // Its trailing spaces too: scrapers of stub_status match them.
    const numbers = ` ${accepted} ${handled} ${requests} `;
    const now = `Reading: ${reading} Writing: ${writing} Waiting: ${waiting} `;
    return textAnswer(`Active connections: ${active} \nserver accepts handled requests\n${numbers}\n${now}\n`);
  }
  const { pid, workers, engine, listening, appliedVersion, restarts, warnings } = view.dataPlane();
  const { droppedLines, warnings: logWarnings } = view.accessLog();
  const tracing = view.tracing();
  return jsonAnswer({
    ...{ active, accepted, handled, requests, reading, writing, waiting },
    version: productVersion,
    uptimeSeconds: Math.max(0, Math.round((now() - view.startedMs) / 1000)),
    dataPlane: { pid, workers, engine, listening, tableVersion: appliedVersion, restarts },
    store: storeOf(view.store()),
    accessLog: { droppedLines },
    failedRequests: { untold: view.failures.untold },
    tracing,
    warnings: [...warnings, ...logWarnings, ...tracingWarnings(tracing)],
  });
}

function tracingWarnings(standing: TracingStanding | null): readonly string[] {
  return standing === null || standing.fault === null
    ? []
    : [`spans cannot be delivered to ${standing.collector}: ${standing.fault}`];
}

function storeOf(standing: SharedStanding | null): object | null {
  if (standing === null) return null;
  const { sinceMs, ...rest } = standing;
  return { ...rest, since: new Date(sinceMs).toISOString() };
}
