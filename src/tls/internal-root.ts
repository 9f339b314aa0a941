import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createDurably, writeDurably } from '../base/durable-file.ts';
import { type Damage, setAside } from '../base/set-aside.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { freshKeyPem, signRoot } from './internal-signing.ts';

const dayMs = 86_400_000;
const lifeMs = 3_652 * dayMs;
/** Two years for everybody to fetch the new one, while the old one still vouches. */
const renewedBeforeMs = 730 * dayMs;
/** Clocks of clients are late. */
const backdatedMs = dayMs;
const attemptsMax = 3;

export interface InternalRootOptions {
  /** The file for certificate and key together, 0600: they cannot be parted by a kill. */
  readonly path: string;
  /** May vouch for local names only. */
  readonly local: boolean;
  readonly onDamage: (damage: Damage) => void;
}

/** A root in the data directory: made once, however many processes begin with it at a time, and renewed with the same key. */
export class InternalRoot {
  readonly #options: InternalRootOptions;
  #current: Certificate | null;
  #making: Promise<Certificate> | null = null;

  /** Reads the one that is there. @throws the error of the file system. */
  constructor(options: InternalRootOptions, nowMs: number) {
    this.#options = options;
    this.#current = this.#read(nowMs);
  }

  /** null until somebody has needed it. */
  get current(): Certificate | null {
    return this.#current;
  }

  /** One that is valid now. @throws the error of the file system. */
  async get(nowMs: number): Promise<Certificate> {
    if (this.#current !== null && !isDue(this.#current, nowMs)) return this.#current;
    this.#making ??= this.#make(nowMs).finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  async #make(nowMs: number, attemptsLeft = attemptsMax): Promise<Certificate> {
    const { path, local } = this.#options;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const before = this.#current;
    const validity = { fromMs: nowMs - backdatedMs, toMs: nowMs - backdatedMs + lifeMs };
    // The same key under the same name: whoever trusts the old root trusts what the new one signs, until the old one ends.
    const made = await signRoot(before?.keyPem ?? (await freshKeyPem()), { local, validity });
    const text = `${made.chainPem}\n${made.keyPem}`;
    if (before !== null) writeDurably(path, text);
    else createDurably(path, text);
    // Where another process was faster, its root is the one.
    this.#current = this.#read(nowMs);
    if (this.#current !== null) return this.#current;
    if (attemptsLeft <= 1) throw new Error(`${path}: what is written there cannot be read`);
    return this.#make(nowMs, attemptsLeft - 1);
  }

  #read(nowMs: number): Certificate | null {
    const { path, onDamage } = this.#options;
    const text = readIfThere(path);
    if (text === null) return null;
    const reading = readCertificate({ chainPem: text, keyPem: text, nowMs });
    if (reading.ok) return reading.certificate;
    const damage = setAside(path, { nowMs, why: reading.fault });
    onDamage(damage);
    if (damage.keptAs === null) throw new Error(`${path}: ${damage.why}`);
    return null;
  }
}

/** Also when it has not begun: then the clock was wrong as it was made, or is now. */
function isDue({ notBeforeMs, notAfterMs }: Certificate, nowMs: number): boolean {
  return nowMs < notBeforeMs || nowMs >= notAfterMs - renewedBeforeMs;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
