import { splitList } from '../labels/list-text.ts';
import { didYouMean, type Fault, type ValueReading } from '../labels/value-reading.ts';

const expected =
  'endpoints such as unix:///var/run/docker.sock, tcp://10.0.0.5:2376 or ssh://root@host, separated by commas';

/** Reads `FAIRLEAD_DOCKER`. A bare path is a unix socket. What stands behind an endpoint is the business of the docker room. */
export function readDockerEndpoints(text: string, label: string): ValueReading<readonly string[]> {
  const endpoints = new Set<string>();
  const faults: Fault[] = [];
  for (const item of splitList(text)) {
    const fault = endpointFault(item, label);
    if (fault === null) endpoints.add(item.startsWith('/') ? `unix://${item}` : item);
    else faults.push({ expected: fault[0], suggestion: fault[1], item });
  }
  return faults.length > 0 ? { faults } : { value: [...endpoints], faults };
}

function endpointFault(item: string, label: string): [expected: string, suggestion: string] | null {
  if (item === '') return [expected, ''];
  if (/^(unix:\/\/)?\/[^\0]+$/.test(item)) return null;
  if (/^unix:/.test(item)) return [expected, didYouMean(`${label}=unix:///${item.replace(/^unix:\/*/, '')}`)];
  const url = URL.parse(item);
  if (url !== null && /^(tcp|http|https|ssh):$/.test(url.protocol) && /^[a-z]+:\/\/[^/]/i.test(item)) return null;
  const hostAndPort = /^[\w.-]+:\d{1,5}$/.test(item);
  return [expected, hostAndPort ? didYouMean(`${label}=tcp://${item}`) : ''];
}
