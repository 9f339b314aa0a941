import type { Clock } from '../../base/clock.ts';
import { errorAnswer } from '../admin-answer.ts';
import type { AdminAnswer, Format } from '../admin-context.ts';
import { html, nothing } from '../html.ts';
import { frameAnswer } from './shell.ts';

const styles = ['/assets/style.css'];

/** Wrong tokens that are answered late at the same time; further ones are not looked at. */
export const lateMax = 8;
const lateMs = 1_000;

/** What a browser without a session is shown; works without script. @param to the address that it asked for. */
export function signInAnswer({ status, to, why }: { status: number; to: string; why: string }): AdminAnswer {
  const body = html`
<main class="sign-in"><h1>Fairlead</h1>
<form method="post" action="/login">
<input type="hidden" name="to" value="${to}">
<label for="token">Token</label>
<input id="token" type="password" name="token" autocomplete="current-password" required autofocus${why === '' ? nothing : html` aria-invalid="true" aria-describedby="why"`}>
${why === '' ? nothing : html`<p id="why" class="notice down" role="alert">${why}</p>`}
<button>Sign in</button>
<p class="quiet">It is what <code>FAIRLEAD_ADMIN_TOKEN</code> says, or was printed with a ready link when the proxy first started.</p>
</form></main>`;
  return frameAnswer({ title: 'Sign in · Fairlead', styles, scripts: nothing, body, status });
}

/** Lets tokens be guessed slowly, and few at a time. */
export class SignInDesk {
  #late = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param form what was posted, `token=…&to=…`. */
  async answer(
    form: URLSearchParams,
    about: {
      readonly format: Format;
      /** The cookie that the token is worth; null where it is not the right one. */
      readonly cookieFor: (token: string) => string | null;
      readonly isPage: (path: string) => boolean;
    },
  ): Promise<AdminAnswer> {
    const to = placeOf(form.get('to') ?? '/', about.isPage);
    const refuse = (status: number, why: string, headers: Readonly<Record<string, string>>): AdminAnswer => {
      const answer =
        about.format === 'html' ? signInAnswer({ status, to, why }) : errorAnswer(status, why, about.format);
      return { ...answer, headers };
    };
    if (this.#late >= lateMax)
      return refuse(429, 'Too many try to sign in. Try again in a moment.', { 'Retry-After': '2' });
    const cookie = about.cookieFor(form.get('token') ?? '');
    if (cookie !== null)
      return { ...errorAnswer(303, 'signed in', 'text'), headers: { Location: to, 'Set-Cookie': cookie } };
    this.#late++;
    await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, lateMs));
    this.#late--;
    return refuse(401, 'That is not the token.', { 'WWW-Authenticate': 'Bearer realm="fairlead"' });
  }
}

/** An address of this API that a browser can be sent to, without a token in it; else the start. `//elsewhere` would lead away. */
export function placeOf(target: string, isPage: (path: string) => boolean): string {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  if (!isPage(path)) return '/';
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
  query.delete('token');
  return `${path}${query.size > 0 ? `?${query}` : ''}`;
}
