/** Something that is not as its owner meant it, in words that say what to do. Shown in `/routes`, the log and `fairlead check`. */
export interface Problem {
  /** Container name; '' for a problem of the engine or of the settings. */
  readonly container: string;
  /** Full label key as written, such as `proxy.api.limit`; '' where no single label is at fault. */
  readonly label: string;
  /** As written, cut to 200 characters; never a secret. */
  readonly value: string;
  /** What would have been right, with an example: `a rate such as 10/s`. */
  readonly expected: string;
  /** The mend: `did you mean proxy.host?`, or a command to run; '' where none is known. */
  readonly suggestion: string;
  /** error: the label has no effect, or the route is closed; warning: it works but hardly as meant; info: not yet active. */
  readonly severity: 'error' | 'warning' | 'info';
}
