import { composeText, noteText } from '../translate/compose-text.ts';
import { translate as translateServices } from '../translate/translate.ts';
import { readComposeFiles, UnreadableCompose } from './compose-file.ts';
import { exitCodes, type Terminal } from './terminal.ts';

/**
 * `fairlead translate`: prints `proxy.*` labels for those of nginx-proxy, Traefik and Caddy, as a compose file to be laid over
 * the one that they came from. 0 translated, 1 a protection or a route has no label here, 2 cannot run.
 */
export function translate(paths: readonly string[], terminal: Terminal): number {
  try {
    const { services } = readComposeFiles({ paths, env: terminal.env, profiles: ['*'] });
    const translations = translateServices(
      services.map(({ name, rawLabels, rawEnvironment }) => ({ name, labels: rawLabels, environment: rawEnvironment })),
    );
    const from = `# Labels for Fairlead, made of those in ${paths.join(', ')}.`;
    if (translations.size === 0) {
      terminal.out(`${from}\n# There are none of nginx-proxy, Traefik or Caddy.\nservices: {}\n`);
      return exitCodes.ok;
    }
    terminal.out(`${from}\n${composeText(translations)}`);
    const lost = [...translations].flatMap(([service, { notes }]) =>
      notes.filter(({ severity }) => severity === 'error').map((note) => `fairlead: ${service}: ${noteText(note)}\n`),
    );
    for (const line of lost) terminal.err(line);
    return lost.length === 0 ? exitCodes.ok : exitCodes.no;
  } catch (error) {
    if (!(error instanceof UnreadableCompose)) throw error;
    terminal.err(`fairlead: ${error.message}\n`);
    return exitCodes.cannotRun;
  }
}
