/** What a command may touch of the process it runs in. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  err(text: string): void;
  /** What somebody types without its being seen, or pipes in. */
  readSecret(prompt: string): Promise<string>;
  /** Out is read by a person. */
  readonly terminal: boolean;
  /** How wide it is; undefined where that is not known. */
  readonly columns?: number | undefined;
  /** Says when to stop. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
}

/** Exit codes of all commands: 1 is a "no" (problems, not healthy), 2 means that the question could not be answered. */
export const exitCodes = { ok: 0, no: 1, cannotRun: 2 } as const;
