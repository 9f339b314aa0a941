const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = '(?:mon|tue|wed|thu|fri|sat|sun)';
const time = String.raw`(\d\d):(\d\d):(\d\d)`;
const imf = new RegExp(`^${days}, (\\d\\d) ([a-z]{3}) (\\d{4}) ${time} gmt$`, 'i');
const rfc850 = new RegExp(
  `^(?:mon|tues|wednes|thurs|fri|satur|sun)day, (\\d\\d)-([a-z]{3})-(\\d\\d) ${time} gmt$`,
  'i',
);
const asctime = new RegExp(`^${days} ([a-z]{3}) ([ \\d]\\d) ${time} (\\d{4})$`, 'i');

/**
 * Epoch ms of a date in one of the three forms of RFC 9110 §5.6.7, in any case; null for anything else.
 *
 * @param nowMs decides which century two digits mean: none more than 50 years ahead.
 */
export function readHttpDate(text: string, nowMs: number): number | null {
  const [, day, month, year, hour, minute, second] = imf.exec(text) ?? [];
  if (day !== undefined) return epochMs({ year: Number(year), month, day }, [hour, minute, second]);
  const short = rfc850.exec(text);
  if (short !== null) {
    const [, day, month, digits, ...clock] = short;
    const yearNow = new Date(nowMs).getUTCFullYear();
    let year = Math.floor(yearNow / 100) * 100 + Number(digits);
    if (year > yearNow + 50) year -= 100;
    return epochMs({ year, month, day }, clock);
  }
  const long = asctime.exec(text);
  if (long === null) return null;
  const [, name, date, h, m, s, digits] = long;
  return epochMs({ year: Number(digits), month: name, day: date }, [h, m, s]);
}

function epochMs(
  { year, month = '', day }: { year: number; month: string | undefined; day: string | undefined },
  clock: readonly (string | undefined)[],
): number | null {
  const monthIndex = months.indexOf(month.toLowerCase());
  const date = Number(day);
  const [hour = 0, minute = 0, second = 0] = clock.map(Number);
  if (monthIndex < 0 || date < 1 || hour > 23 || minute > 59 || second > 60) return null;
  const ms = Date.UTC(year, monthIndex, date, hour, minute, second);
  return new Date(ms).getUTCDate() === date || second === 60 ? ms : null;
}
