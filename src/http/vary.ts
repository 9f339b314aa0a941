import type { HeaderList } from './header-list.ts';
import { listItems } from './list-items.ts';

/** Says that an answer depends on a field of the request, besides what it says already (RFC 9110 §12.5.5). */
export function addVary(headers: HeaderList, name: string): void {
  const lines = headers.all('vary');
  const names = listItems(lines);
  if (names.includes('*') || names.includes(name.toLowerCase())) return;
  headers.set('Vary', [...lines.filter((line) => line.trim() !== ''), name].join(', '));
}
