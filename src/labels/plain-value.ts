import { readBool } from '../base/bool.ts';
import { readDuration } from '../base/duration.ts';
import { readSize } from '../base/size.ts';
import { closest } from '../base/suggest.ts';
import { isHeaderName } from './header-text.ts';
import { splitList } from './list-text.ts';
import type { Rate, StatusRange } from './options.ts';
import { bad, didYouMean, type Fault, good, type Reader, type ValueReading } from './value-reading.ts';

export function readSwitch(text: string, label: string): ValueReading<boolean> {
  const value = readBool(text);
  if (value !== null) return good(value);
  const near = closest(text.toLowerCase(), ['true', 'false', 'on', 'off', 'yes', 'no'], { distanceMax: 2 });
  return bad('true or false', near === null ? '' : didYouMean(`${label}=${near}`));
}

export function readTime(text: string, label: string): ValueReading<number> {
  const ms = readDuration(text);
  if (ms !== null) return good(ms);
  const spelt = /^(\d+(?:\.\d+)?)\s*(ms|millis|s|m|h|d|sec|min|hour|day)[a-z]*$/i.exec(text);
  const unit = (spelt?.[2] ?? '').toLowerCase();
  return bad(
    'a duration such as 250ms, 30s, 5m, 24h or 30d',
    spelt === null ? '' : didYouMean(`${label}=${spelt[1]}${/^m(s|illis)$/.test(unit) ? 'ms' : unit[0]}`),
  );
}

export function readBytes(text: string): ValueReading<number> {
  const bytes = readSize(text);
  return bytes === null ? bad('a size such as 512k, 100m or 1g') : good(bytes);
}

/** A whole number between `min` and `max`. */
export function wholeNumber(min: number, max: number): Reader<number> {
  return (text) => {
    const value = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? good(value) : bad(`a whole number from ${min} to ${max}`);
  };
}

/** One word of a closed list; `foreign` maps what other proxies call it. */
export function choice<const T extends string>(
  words: readonly T[],
  foreign: Readonly<Record<string, T>> = {},
): Reader<T> {
  return (text, label) => {
    const word = text.toLowerCase();
    const found = words.find((candidate) => candidate === word);
    if (found !== undefined) return good(found);
    const near = Object.hasOwn(foreign, word) ? foreign[word] : closest(word, words);
    return bad(
      words.length === 1 ? `\`${words[0]}\`` : `one of ${words.join(', ')}`,
      near ? didYouMean(`${label}=${near}`) : '',
    );
  };
}

/** A list of which every item must be readable; one that is not leaves the label without effect. */
export function listOf<T>(read: Reader<T>): Reader<readonly T[]> {
  return (text, label) => {
    const values: T[] = [];
    const faults: Fault[] = [];
    for (const item of splitList(text).flatMap((part) => part.split(/\s+/))) {
      const reading = read(item, label);
      if (reading.value !== undefined) values.push(reading.value);
      for (const fault of reading.faults) faults.push({ ...fault, item });
    }
    return faults.some((fault) => fault.severity !== 'warning') ? { faults } : { value: values, faults };
  };
}

/** Words of letters, digits and `-`, in lower case: names of profiles, issuers and certificates. */
export function nameOf(what: string, example: string): Reader<string> {
  return (text) =>
    /^[a-z0-9][a-z0-9._-]{0,99}$/i.test(text) ? good(text.toLowerCase()) : bad(`${what} such as ${example}`);
}

export function readToken(text: string): ValueReading<string> {
  return isHeaderName(text) ? good(text) : bad('a name of letters, digits and - . _, such as X-Beta');
}

export function readMethod(text: string): ValueReading<string> {
  return isHeaderName(text) ? good(text.toUpperCase()) : bad('methods such as GET,HEAD');
}

/** One line of visible text. */
export function textOf(what: string): Reader<string> {
  return (text) => (text !== '' && /^[\t\x20-\x7e]*$/.test(text) ? good(text) : bad(what));
}

export function readRate(text: string, label: string): ValueReading<Rate> {
  const expected = 'a rate such as 10/s, 100/m or 1000/h';
  const parts = /^(\d{1,9}(?:\.\d{1,3})?)\s*(?:r|req|requests?)?\s*\/\s*(s|m|h)$/i.exec(text);
  if (parts === null) {
    const near = /^(\d+(?:\.\d+)?)\s*(?:r|req\w*)?\s*(?:\/|p|per)?\s*(s|m|h)?[a-z]*$/i.exec(text);
    return bad(expected, near === null ? '' : didYouMean(`${label}=${near[1]}/${(near[2] ?? 's').toLowerCase()}`));
  }
  const count = Number(parts[1]);
  if (count === 0) return bad(`${expected}; to let nobody in, use proxy.deny=0.0.0.0/0,::/0`);
  const perMs = { s: 1_000, m: 60_000, h: 3_600_000 }[(parts[2] as string).toLowerCase()] as number;
  return good({ count, perMs });
}

/** `404`, `200-399` or `5xx`. */
export function readStatusRange(text: string): ValueReading<StatusRange> {
  const kind = /^([1-5])xx$/i.exec(text)?.[1];
  if (kind !== undefined) return good({ from: Number(kind) * 100, to: Number(kind) * 100 + 99 });
  const parts = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(text);
  const from = Number(parts?.[1]);
  const to = Number(parts?.[2] ?? parts?.[1]);
  return parts !== null && from <= to ? good({ from, to }) : bad('statuses such as 200, 200-399 or 5xx');
}
