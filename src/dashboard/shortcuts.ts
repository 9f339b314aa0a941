import { changeTheme } from './theme.ts';

/** Every key that does something, for those who read it and for those who press it. */
export const shortcuts = [
  { key: '/', does: 'filter the routes, or type an address to explain' },
  { key: '1', does: 'routes' },
  { key: '2', does: 'certificates' },
  { key: '3', does: 'explain a request' },
  { key: 't', does: 'colours: those of the system, light, dark' },
  { key: '?', does: 'this list' },
  { key: 'Esc', does: 'empty the filter, close this list, take back a first press' },
] as const;

const places: Readonly<Record<string, string>> = { 1: '/', 2: '/certs', 3: '/explain' };

/** Acts on keys that are pressed outside of fields and without a modifier. */
export function onShortcut({ go, help }: { go: (address: string) => void; help: () => void }): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const { key } = event;
    const place = places[key];
    if (key === '?') help();
    else if (key === 't') changeTheme();
    else if (place !== undefined) go(place);
    else if (key === '/') document.querySelector<HTMLInputElement>('[data-slash]')?.focus();
    else return;
    event.preventDefault();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.closest('input,textarea,select,dialog') !== null || target.isContentEditable)
  );
}
