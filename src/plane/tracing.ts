import { hostname } from 'node:os';
import { productVersion } from '../admin/product-version.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Settings } from '../cli/settings.ts';
import { otlpClient } from './otlp-client.ts';
import { SpanExporter } from './span-exporter.ts';

/** Who delivers spans; null = there are none (`FAIRLEAD_OTLP`). */
export function openTracing(
  { tracing, otlpService }: Pick<Settings, 'tracing' | 'otlpService'>,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): SpanExporter | null {
  if (tracing === null) return null;
  const resource = {
    'service.name': otlpService,
    'service.version': productVersion,
    'service.instance.id': `${hostname()}:${process.pid}`,
    'host.name': hostname(),
  };
  const send = otlpClient(tracing, resource, () => clock.now());
  return new SpanExporter({ collector: new URL(tracing.url).origin, send, clock, log, random: Math.random });
}
