import { join } from 'node:path';
import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Certificate } from './certificate.ts';
import { DirectoryWatches, type WatchDirectory, watchDirectory } from './directory-watch.ts';
import { findPair, pairStamp, readPair } from './file-pair.ts';

/** How a certificate of the operator's stands. Plain data. */
export interface FileCertificate {
  /** The last good one; null while there has been none. */
  readonly certificate: Certificate | null;
  /** What is wrong with the files as they are now, in words; null = nothing. */
  readonly fault: string | null;
}

export interface FileCertificatesOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when the certificate of a name, or what is wrong with it, has changed. */
  readonly onChange: (name: string) => void;
  readonly watch?: WatchDirectory;
}

/** Who writes one file writes the other right after it. */
const settleMs = 200;
/** Some mounts report no events, and links lead to directories that nobody watches. */
const pollMs = 30_000;
const keptMax = 1_000;
/** Nothing that climbs or hides. */
const safeName = /^(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;

/**
 * `cert:<name>`: certificates that the operator keeps in `<dataDir>/certs` (see findPair for the files), watched for change. What
 * is half written, or does not fit together, is reported and never takes the place of the last good one.
 */
export class FileCertificates {
  readonly #options: FileCertificatesOptions;
  readonly #directory: string;
  readonly #kept = new Map<string, { readonly state: FileCertificate; readonly stamp: string }>();
  readonly #watches: DirectoryWatches;
  #settling: Timer | null = null;
  #polling: Timer;

  constructor(options: FileCertificatesOptions) {
    this.#options = options;
    this.#directory = join(options.dataDir, 'certs');
    this.#watches = new DirectoryWatches(options.watch ?? watchDirectory, () => this.#settle());
    this.#polling = this.#poll();
  }

  /** The certificate of a name, which is watched from now on. */
  get(name: string): FileCertificate {
    const kept = this.#kept.get(name);
    if (kept !== undefined) return kept.state;
    const refusal = this.#refusal(name);
    if (refusal !== null) return { certificate: null, fault: refusal };
    const next = this.#read(name, null);
    this.#kept.set(name, next);
    this.#report(name, next.state);
    this.#watches.add([this.#directory, join(this.#directory, name)]);
    return next.state;
  }

  /** Forgets all others. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of this.#kept.keys()) if (!names.has(name)) this.#kept.delete(name);
    this.#watch();
  }

  close(): void {
    this.#polling.cancel();
    this.#settling?.cancel();
    this.#watches.set([]);
  }

  #refusal(name: string): string | null {
    if (!safeName.test(name))
      return `${JSON.stringify(name)} is no name of a certificate; use letters, digits, dots and dashes`;
    return this.#kept.size >= keptMax ? `more than ${keptMax} certificates of files are in use` : null;
  }

  #settle(): void {
    this.#settling ??= this.#options.clock.setTimeout(() => {
      this.#settling = null;
      this.#check();
    }, settleMs);
  }

  #poll(): Timer {
    return this.#options.clock.setTimeout(() => {
      this.#polling = this.#poll();
      this.#check();
    }, pollMs);
  }

  #check(): void {
    this.#watch();
    for (const [name, { state, stamp }] of this.#kept) {
      const next = this.#read(name, { state, stamp });
      this.#kept.set(name, next);
      if (isSame(next.state, state)) continue;
      this.#report(name, next.state);
      this.#options.onChange(name);
    }
  }

  #watch(): void {
    const names = [...this.#kept.keys()];
    this.#watches.set(names.length === 0 ? [] : [this.#directory, ...names.map((name) => join(this.#directory, name))]);
  }

  /** The stamp is taken first: what changes while it is read is read again next time. So is what is at fault. */
  #read(
    name: string,
    before: { state: FileCertificate; stamp: string } | null,
  ): { state: FileCertificate; stamp: string } {
    const certificate = before?.state.certificate ?? null;
    const pair = findPair(this.#directory, name);
    if (pair === null) return { state: { certificate, fault: this.#missing(name) }, stamp: '' };
    const stamp = pairStamp(this.#directory, pair);
    if (before !== null && before.stamp === stamp && before.state.fault === null) return before;
    const reading = readPair(this.#directory, pair, this.#options.clock.now());
    if (!reading.ok) return { state: { certificate, fault: reading.fault }, stamp };
    return { state: { certificate: reading.certificate, fault: null }, stamp };
  }

  #missing(name: string): string {
    return `there is no certificate ${name} in ${this.#directory}; put ${name}.crt and ${name}.key there, or ${name}/fullchain.pem and ${name}/privkey.pem`;
  }

  #report(name: string, { certificate, fault }: FileCertificate): void {
    const { log } = this.#options;
    if (fault !== null)
      log.warn({ name, fault, inUse: certificate?.id ?? null }, 'a certificate of the operator cannot be used');
    else log.info({ name, names: certificate?.names, id: certificate?.id }, 'certificate of the operator read');
  }
}

function isSame(one: FileCertificate, other: FileCertificate): boolean {
  // The chain and not the id: an intermediate may have been added to the same leaf.
  return one.fault === other.fault && one.certificate?.chainPem === other.certificate?.chainPem;
}
