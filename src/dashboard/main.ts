import { App } from './app.ts';

const root = document.getElementById('app');
if (root !== null) new App(root).start();
try {
  // All is here: what was counted by the document, that loads itself again where a file does not come, is over.
  sessionStorage.removeItem('tries');
} catch {
  // Then nothing was counted.
}
