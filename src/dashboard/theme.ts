export type Theme = 'system' | 'light' | 'dark';

const key = 'theme';
const order: readonly Theme[] = ['system', 'light', 'dark'];

export function currentTheme(): Theme {
  const said = document.documentElement.dataset.theme;
  return said === 'light' || said === 'dark' ? said : 'system';
}

/** The next of system, light and dark, kept for next time where the browser lets us. */
export function changeTheme(): void {
  const next = order[(order.indexOf(currentTheme()) + 1) % order.length] ?? 'system';
  const { dataset } = document.documentElement;
  if (next === 'system') delete dataset.theme;
  else dataset.theme = next;
  try {
    if (next === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, next);
  } catch {
    // Then it lasts as long as the page.
  }
  document.dispatchEvent(new Event('themechange'));
}
