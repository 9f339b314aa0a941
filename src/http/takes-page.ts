/**
 * Whether a client may be shown a page of this type: it says nothing of what it takes, names the type, or takes anything and has not named
 * JSON before HTML, as libraries for APIs do (`application/json` and then anything).
 */
export function takesPage(accept: string | undefined, type: string): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  const media = type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const lower = accept.toLowerCase();
  const json = lower.search(/\bjson\b/);
  const html = lower.indexOf('text/html');
  const wantsJson = json >= 0 && (html < 0 || json < html);
  const ranges = lower.split(',').map((range) => range.split(';', 1)[0]?.trim());
  if (ranges.includes(media)) return !wantsJson || media.includes('json');
  return !wantsJson && (ranges.includes('*/*') || ranges.includes(`${media.split('/', 1)[0]}/*`));
}
