import { isIP } from 'node:net';
import { listOf } from '../labels/plain-value.ts';
import { bad, good, type ValueReading } from '../labels/value-reading.ts';

const resolversMax = 16;
const expected =
  'addresses of DNS servers such as 127.0.0.1:8053, 9.9.9.9 or [::1]:53, separated by commas; a name would have to be resolved first';
const list = listOf(readResolver);

/** Reads `FAIRLEAD_DNS` into `address:port`, as `Resolver.setServers` of node:dns takes them. */
export function readResolvers(text: string, label: string): ValueReading<readonly string[]> {
  if (/^(off|none|system)$/i.test(text)) return good([]);
  const reading = list(text, label);
  return (reading.value?.length ?? 0) > resolversMax ? bad(`at most ${resolversMax} DNS servers`) : reading;
}

function readResolver(text: string): ValueReading<string> {
  const [, bracketed, plain, digits = '53'] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = Number(digits);
  if (port < 1 || port > 65_535) return bad(expected);
  if (isIP(text) === 6) return good(`[${text}]:53`);
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? good(`[${bracketed}]:${port}`) : bad(expected);
  return isIP(plain ?? '') === 4 ? good(`${plain}:${port}`) : bad(expected);
}
